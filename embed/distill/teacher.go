package distill

import (
	"context"
	"fmt"
	"strings"
)

// entries are the tokens of a table with the text that the teacher is asked
// about; "" for tokens without a vector.
type entries struct {
	texts   []string
	ranks   []int // how many more frequent entries there are
	unknown int
}

const unknownPiece = "[UNK]"

// unknownText is what the teacher is asked in the place of [UNK].
const unknownText = "unknown"

func entriesOf(pieces []string) entries {
	e := entries{}
	rank := 0
	for i, piece := range pieces {
		text := strings.TrimPrefix(piece, "##")
		switch {
		case piece == unknownPiece:
			e.unknown, text = i, unknownText
		case text == "":
			text = piece
		case len(text) > 2 && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]"):
			text = "" // [unused7], [CLS]: never in a text
		}
		e.texts, e.ranks = append(e.texts, text), append(e.ranks, rank)
		if text != "" && i != e.unknown {
			rank++
		}
	}
	return e
}

// lesson asks the teacher.
type lesson struct {
	teacher  Teacher
	batch    int
	progress func(Progress)
}

// tokens gives the teacher's vector of every entry, nil for those without.
// Each text is asked about once.
func (l lesson) tokens(ctx context.Context, e entries) ([][]float64, error) {
	var texts []string
	place := map[string]int{}
	for _, text := range e.texts {
		if _, known := place[text]; text != "" && !known {
			place[text] = len(texts)
			texts = append(texts, text)
		}
	}
	answers, err := l.ask(ctx, "tokens", texts)
	if err != nil {
		return nil, err
	}
	vectors := make([][]float64, len(e.texts))
	for i, text := range e.texts {
		if text != "" {
			vectors[i] = append([]float64(nil), answers[place[text]]...) // a copy: each is changed alone
		}
	}
	return vectors, nil
}

// ask gives the teacher's vectors of texts.
func (l lesson) ask(ctx context.Context, stage string, texts []string) ([][]float64, error) {
	vectors := make([][]float64, 0, len(texts))
	for start := 0; start < len(texts); start += l.batch {
		end := min(start+l.batch, len(texts))
		answer, err := l.teacher.EmbedDocuments(ctx, texts[start:end])
		if err != nil {
			return nil, fmt.Errorf("teacher's vectors of %s %d to %d: %w", stage, start+1, end, err)
		}
		if len(answer.Vectors) != end-start {
			return nil, fmt.Errorf("teacher gave %d vectors for %d texts", len(answer.Vectors), end-start)
		}
		for _, vector := range answer.Vectors {
			wide := make([]float64, len(vector))
			for i, x := range vector {
				wide[i] = float64(x)
			}
			vectors = append(vectors, wide)
		}
		l.progress(Progress{Stage: stage, Done: end, Total: len(texts)})
	}
	return vectors, nil
}
