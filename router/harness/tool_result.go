package harness

import "strings"

// isToolResult says that the whole text is what a tool has found, sent as if a
// user had said it:
//
//	[read_file for 'main.go'] Result:
//	[execute_command] Result:
//	EXECUTION RESULT of [ls]:
//	[ERROR] You did not use a tool in your previous response!
func isToolResult(text string) bool {
	head := strings.TrimSpace(text)
	first, _, _ := strings.Cut(head, "\n")
	switch {
	case strings.HasPrefix(head, "[ERROR] You did not use a tool"),
		strings.HasPrefix(head, "EXECUTION RESULT of ["),
		strings.HasPrefix(head, "OBSERVATION:\n"),
		strings.HasPrefix(head, "[Request interrupted by user"):
		return true
	case !strings.HasPrefix(first, "["):
		return false
	}
	call, rest, found := strings.Cut(first[1:], "]")
	if !found || strings.TrimSpace(rest) != "Result:" { // a person goes on in the same line
		return false
	}
	tool, _, _ := strings.Cut(call, " ")
	return tool != "" && strings.IndexFunc(tool, func(r rune) bool {
		return r != '_' && r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}
