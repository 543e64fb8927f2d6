package strictyaml

// The bounds of a file. The YAML library cuts a whole file into tokens before it
// gives any, at some 200 bytes each, and recurses with the depth of a file when
// it parses them. So the characters that tokens begin with are counted first,
// then the tokens, and only what is within the bounds is parsed.
const (
	// MaxDepth is how deeply brackets may nest, and how deeply Plain looks. Nobody
	// reads more levels; the parser takes a stack frame for each.
	MaxDepth = 64
	// maxColumn is the column up to which a block may be indented, which bounds
	// how deeply blocks nest.
	maxColumn = 1000
	// maxMarks bounds the characters that may begin a token: some eight for each
	// line of the largest catalog.
	maxMarks = 2_000_000
	// maxTokens allows about 400,000 items of lists at some 500 MB while parsing.
	maxTokens = 1_000_000
	// maxKeys is how many keys one mapping may have in block style. The parser's
	// time grows with their square: half a second for so many.
	maxKeys = 10_000
	// maxEmptyLines is how many empty lines may follow each other. The time to cut
	// out a block of text grows with the square of those at its end.
	maxEmptyLines = 100
	// maxAnchors is how many anchors and aliases a file may hold.
	maxAnchors = 10_000
	// maxAliased is how many values may be reached through aliases: a few lines
	// of aliases of aliases stand for billions.
	maxAliased = 100_000
	// MaxProblems keeps a hopeless file from filling the memory and the screen.
	MaxProblems = 1000
)
