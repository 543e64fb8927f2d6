package ollama

import "strings"

// prefixPair is what a model wants in front of queries and documents.
type prefixPair struct {
	query, document string
}

const searchInstruction = "Represent this sentence for searching relevant passages: "

// knownPrefixes lists model families, the more particular ones first. A
// family matches a whole part of the model's name between dashes.
var knownPrefixes = []struct {
	family   string
	prefixes prefixPair
}{
	{"nomic-embed-text", prefixPair{"search_query: ", "search_document: "}},
	{"mxbai-embed-large", prefixPair{searchInstruction, ""}},
	{"snowflake-arctic-embed2", prefixPair{"query: ", ""}},
	{"snowflake-arctic-embed", prefixPair{searchInstruction, ""}},
	{"bge-m3", prefixPair{}}, // trained without
	{"bge", prefixPair{searchInstruction, ""}},
	{"e5-mistral", prefixPair{}}, // wants an instruction that only the user knows
	{"e5", prefixPair{"query: ", "passage: "}},
}

// prefixesOf are the prefixes of a model's family, none when it is unknown.
func prefixesOf(model string) prefixPair {
	name := model[strings.LastIndexByte(model, '/')+1:]
	name, _, _ = strings.Cut(name, ":")
	name = "-" + strings.ReplaceAll(strings.ToLower(name), "_", "-") + "-"
	for _, known := range knownPrefixes {
		if strings.Contains(name, "-"+known.family+"-") {
			return known.prefixes
		}
	}
	return prefixPair{}
}
