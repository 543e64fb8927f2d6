package forward

import "regexp"

// refusal matches the beginning of an answer that declines. English only.
var refusal = regexp.MustCompile(`(?i)^\W*(` +
	`(i['’]?m |i am )?(very |so |really )?(sorry|afraid)\b[^.!?\n]{0,60}?\b(can(no|['’])t|can not|unable|not able|won['’]t|don['’]t (know|have))|` +
	`(unfortunately,? )?(but )?i (can(no|['’])t|can not|won['’]t|am unable|am not able|must decline|do not feel comfortable|don['’]t feel comfortable)\b|` +
	`i['’]m (unable|not able|not comfortable)\b|` +
	`as an? (ai|artificial intelligence|(large )?language model)\b[^.!?\n]{0,80}?\b(can(no|['’])t|can not|unable|not able|don['’]t|do not)|` +
	`(i apologi[sz]e|my apologies)\b[^.!?\n]{0,60}?\b(can(no|['’])t|can not|unable|not able)|` +
	`i (do not|don['’]t) know\b` +
	`)`)

// Declines says whether an answer begins by declining, in English. The first 256
// bytes are enough.
func Declines(answer string) bool { return refusal.MatchString(answer) }
