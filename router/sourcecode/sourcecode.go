// Package sourcecode tells source text from prose: one-line code of the usual
// languages as people paste it into a prompt, with at most one in a hundred lines
// of ordinary English taken for code. It does not say which language it is.
package sourcecode

import (
	"regexp"
	"strings"
)

// signal is something that source text has and prose hardly does. Two weak ones
// or a strong one make a text hold code.
type signal struct {
	*regexp.Regexp
	strength int
}

// Strengths of signals.
const (
	weak   = 1
	strong = 2
)

// codeBytes bounds how much of each end of a text is looked at.
const codeBytes = 8 << 10

// codeSignals are written for one-line code in the usual languages. A strong one
// is a form that means nothing in prose; words alone never are, because "import
// coffee" and "return my money;" are English.
var codeSignals = []signal{
	{regexp.MustCompile("```"), strong},
	// Declarations: def add(a, b), func (s *T) Name(, fn main(), function f(x) {.
	{regexp.MustCompile(`\b(def|func|fn|fun|function|sub)\s+(\([^)\n]*\)\s*)?[A-Za-z_][\w.]*\s*(\[[^\]\n]*\]|<[^>\n]*>)?\s*\([^)\n]*\)`), strong},
	{regexp.MustCompile(`\b(func|function)\s*\([^)\n]*\)\s*[{\w*(]`), strong},
	{regexp.MustCompile(`\b(struct|enum|interface|union|trait)\s*\{|\b(public|private|abstract|final|sealed|static|data)\s+(class|interface|struct|enum|record)\s+[A-Z]\w*`), strong},
	{regexp.MustCompile(`\bclass\s+[A-Z]\w*\s*(\([^)\n]*\))?\s*(extends\s+\w+\s*|implements\s+\w+\s*|<\s*\w+\s*)?[:{]\s*$`), strong},
	{regexp.MustCompile(`\b(public|private|protected|internal)\s+(static\s+|final\s+|async\s+|override\s+|virtual\s+|abstract\s+)*(void|int|bool|boolean|string|String|class|interface|def|fun|func|[A-Z]\w*(<[^>\n]*>)?)\s+\w+\s*[({=;]`), strong},
	{regexp.MustCompile(`\b(struct|enum|interface|trait|impl|namespace|module)\s+\w+[^.?!\n]*\{`), strong},
	{regexp.MustCompile(`\b(let|const|var|val)\s+(mut\s+)?[A-Za-z_]\w*\s*(:\s*[\w<>\[\]?&]+\s*)?=\s*\S`), strong},
	{regexp.MustCompile(`\b(int|float|double|long|char|bool|boolean|auto|string|String|size_t|u8|u32|u64|i32|i64)\??\s*[*&]?\s+\*?[A-Za-z_]\w*\s*(\[\w*\]\s*)?=\s*\S`), strong},
	// Control flow with its punctuation: for (int i = 0; …, if (x) {, for x in range(, while (…) {.
	{regexp.MustCompile(`\bfor\s*\(\s*(int|let|var|auto|const|size_t|String)?\s*[^;()\n]*(;[^;\n]*;|\s(of|in|:)\s)`), strong},
	{regexp.MustCompile(`\bfor\s+\w+(\s*,\s*\w+)*\s+in\s+(range|enumerate|zip|sorted|reversed)?\s*[\w.]*\(?[^\n]*:\s*(\S+\(.*)?$`), weak},
	{regexp.MustCompile(`\bfor\s+\w+(\s*,\s*\w+)*\s+in\s+(range|enumerate|zip|sorted|reversed)\(`), strong},
	{regexp.MustCompile(`\bfor\s+\w+(,\s*\w+)?\s*:=\s*range\b`), strong},
	{regexp.MustCompile(`\b(if|while|switch|catch|foreach|else if)\s*\([^)\n]*\)?[^\n]*\)\s*(\{|$)`), strong},
	{regexp.MustCompile(`\b(if|elif|while)\s+(not\s+)?[\w.()\[\]'"]+\s*(==|!=|<=|>=|<|>|is|in)\s*[^\n]*:\s*(\S+.*)?$`), weak},
	{regexp.MustCompile(`\bif\s+__name__\b|\bself\.\w+\s*=|\bexcept\s+\w+(\s+as\s+\w+)?:|\blambda\s+\w+(\s*,\s*\w+)*\s*:`), strong},
	{regexp.MustCompile(`\berr\s*!=\s*nil\b|\bif\s+err\s*:=|\bmatch\s+\w+\s*\{|\bSome\(|\bOk\(`), strong},
	{regexp.MustCompile(`\bdo\s*\|\s*\w+(\s*,\s*\w+)*\s*\||\.each\s*(do|\{)|\bputs\s+["'\w]`), weak},
	{regexp.MustCompile(`(?m)\b(if|else|for|while|switch|func|try|catch|do)\b[^\n.?]*\S\s*\{\s*$`), strong},
	// Statements with their end: x.y = z; return f(x); const char *name; package a.b;.
	{regexp.MustCompile(`(?m)[\w\])]\s*[-+*/|&]?=\s*[^;=\n][^;\n]*;\s*(//.*|/\*.*)?$`), strong},
	{regexp.MustCompile(`(?m)\b(extern|const|static|final|readonly|volatile|unsigned|typedef|let|var|mod|crate)\s+[\w:<>*&\[\], ]*[\w*&>\]]\s*;\s*$`), strong},
	{regexp.MustCompile(`(?m)^\s*(package|using|import(\s+static)?)\s+(global::)?\w+([.:]+\w+)+(\.\*)?\s*;\s*$|\{\s*get;|\bclass\s+[A-Z]\w*\s*(<\s*|:\s*public\s+)[A-Z]\w*`), strong},
	{regexp.MustCompile(`\b(this|self)(\.|->)\w+`), strong},
	{regexp.MustCompile(`\(\s*\w+\??:\s*&?[A-Za-z][\w.<>\[\]]*\s*[,)]`), weak},
	{regexp.MustCompile(`(?m)\)\s*:\s*[\w.<>\[\]]+\s*[;{]\s*$`), strong},
	// Well-known calls and macros.
	{regexp.MustCompile(`\b(console\.(log|error|warn)|System\.(out|err)\.print\w*|fmt\.\w+|printf|println|print|std::\w+|Console\.Write\w*|echo|document\.\w+|Math\.\w+|os\.\w+|np\.\w+|pd\.\w+)\s*!?\(`), weak},
	{regexp.MustCompile(`\b(println|print|vec|format|panic|assert(_eq)?)!\s*[(\[]`), strong},
	{regexp.MustCompile(`\bstd::\w+|\b\w+::\w+(::\w+)*\s*[(<{;]|#include\s*[<"]|\busing\s+namespace\s+\w+;|#define\s+\w+|^#!\s*/`), strong},
	// Imports with more than a word behind them.
	{regexp.MustCompile(`(?m)^\s*from\s+[\w.]+\s+import\s+[\w*{(]|\bimport\s+(\{[^}\n]*\}|\*\s+as\s+\w+|\w+)\s+from\s+['"]|\bimport\s+\w+(\.\w+)+\s*;|\bimport\s+\w+\s+as\s+\w+|\brequire\s*\(\s*['"]|(?m)^\s*import\s+(numpy|pandas|os|sys|re|json|math|random|java|javax|React)\b|\buse\s+\w+(::\w+)+`), strong},
	// SQL, in any letters, with a condition or an order that names a column.
	{regexp.MustCompile(`(?i)\bselect\s+[\w*.,\s()]+\s+from\s+[\w."]+(\s+(as\s+)?\w+)?\s+(where\s+[\w.]+\s*(=|<|>|!=|like\b|in\s*\(|is\s+(not\s+)?null|between\b)|(inner\s+|left\s+|right\s+)?join\s+\w+.*\bon\b|group\s+by\b|order\s+by\b|limit\s+\d)`), strong},
	{regexp.MustCompile(`\bSELECT\s.+\sFROM\s+\w|\bINSERT\s+INTO\s+\w+|\bUPDATE\s+\w+\s+SET\s|\bDELETE\s+FROM\s+\w|\b(CREATE|ALTER|DROP)\s+(TABLE|INDEX|VIEW|DATABASE)\s`), strong},
	{regexp.MustCompile(`(?i)\binsert\s+into\s+\w+\s*(\([^)\n]*\)\s*)?values\s*\(|\bupdate\s+\w+\s+set\s+\w+\s*=|\bdelete\s+from\s+\w+\s+where\s+\w+\s*[=<>]|\bcreate\s+table\s+\w+\s*\(`), strong},
	// Shells.
	{regexp.MustCompile(`\$\(\s*\w+|\|\s*(grep|awk|sed|xargs|sort|head|tail|wc|uniq|tee|jq)\b|\bfor\s+\w+\s+in\s+[^\n]*;\s*do\b|\b(sudo|chmod|chown|grep|curl|docker|kubectl|git|npm|pip|apt-get|tar|ssh|find|awk|sed)\s+([\w./]+\s+){0,3}-{1,2}[a-zA-Z]|\$\{\w+|"\$\w+[/"]|\bexport\s+[A-Z_]+=`), strong},
	// Marks and objects.
	{regexp.MustCompile(`</[a-zA-Z][\w-]*>|<(div|span|html|body|script|style|input|button|img|a|p|table|form|head|ul|li|h[1-6])(\s+[\w-]+\s*=\s*["'][^>\n]*)?/?>|<\?php|<!DOCTYPE`), strong},
	{regexp.MustCompile(`[{\[]\s*["'][\w-]+["']\s*:\s*["'\d\[{tfn]`), strong},
	{regexp.MustCompile(`[.#]?[\w-]+\s*\{\s*[\w-]+\s*:\s*[^;{}\n]+;?[^{}\n]*\}`), strong},
	// Operators between names.
	{regexp.MustCompile(`\w\s*(===|!==)\s*\S|\bcout\s*<<|\bcin\s*>>|<<\s*(std::)?endl\b`), strong},
	{regexp.MustCompile(`\b[A-Z]\w*<[A-Za-z][\w<>, ?\[\]]*>`), strong},
	{regexp.MustCompile(`\(&:\w+\)|#\{[\w.@]+\}|\{\s*\|\s*\w+(\s*,\s*\w+)*\s*\||\battr_(accessor|reader|writer)\b`), strong},
	{regexp.MustCompile(`\w\]\s*=\s*\S`), weak},
	{regexp.MustCompile(`\w\s*(===|!==|\+=|-=|\*=|:=|<<=|>>=|=>|->|\?\?|\|\||&&)\s*[\w({"'\[!]`), weak},
	{regexp.MustCompile(`\w\s*(==|!=)\s*["'\w]`), weak},
	{regexp.MustCompile(`\w(\+\+|--)\s*[;)\n]|\w(\+\+|--)\s*$`), weak},
	{regexp.MustCompile(`=>\s*[{(\w]|\)\s*->\s*\w`), weak},
	{regexp.MustCompile(`\[[^\[\]\n]+\s+for\s+\w+\s+in\s+[^\]\n]+\]`), strong},
	{regexp.MustCompile(`\$\w+\s*(=|->|\[)`), strong},
	// Names and calls as programs write them.
	{regexp.MustCompile(`\b[A-Za-z_]\w*(\.[A-Za-z_]\w*)+\([^)\n]*\)`), weak},
	{regexp.MustCompile(`\)\s*\.\s*[a-zA-Z_]\w*\(`), weak},
	{regexp.MustCompile(`\b[a-z]+(_[a-z0-9]+)+\s*(\(|=|\[|\.)|\b[a-z]+[A-Z]\w*\s*(\(|=|\[|\.)`), weak},
	{regexp.MustCompile(`\b[A-Za-z_]\w*\([^)\n]*\)\s*[;{:]?\s*$`), weak},
	{regexp.MustCompile(`\b[A-Za-z_]\w*\[[\w'":+\-]+\]`), weak},
	{regexp.MustCompile(`(?m)^\s*[A-Za-z_][\w.\[\]]*\s*=\s*[^=\s][^\n]*$`), weak},
	{regexp.MustCompile(`(?m)[)}\]]\s*;\s*$|[{}]\s*$|^\s*[})]`), weak},
	{regexp.MustCompile(`(?m)^\s*(return|throw|raise|yield|break|continue|await)\b[^\n]*[\w)\]"']\s*;\s*$`), weak},
}

// Present says that the text, or one of its ends where it is long, holds source
// text.
func Present(text string) bool {
	sum := 0
	for _, part := range ends(text, codeBytes) {
		for _, s := range codeSignals {
			if s.MatchString(part) {
				if sum += s.strength; sum >= strong {
					return true
				}
			}
		}
	}
	return false
}

// ends are the first and the last n bytes of a text, the whole of a short one,
// without splitting a character.
func ends(text string, n int) []string {
	if len(text) <= 2*n {
		return []string{text}
	}
	return []string{strings.ToValidUTF8(text[:n], ""), strings.ToValidUTF8(text[len(text)-n:], "")}
}
