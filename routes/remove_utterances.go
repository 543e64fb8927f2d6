package routes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/semroute/semroute/internal/plainfile"
)

// ErrNotAlone says that an utterance cannot be removed without touching what
// stands beside it, so a person has to.
var ErrNotAlone = errors.New("the utterance does not stand on a line of its own")

// Removal is an utterance to take out of a catalog file.
type Removal struct {
	At        Position
	Utterance string
}

// Remove takes utterances out of the files that hold them: lines of .txt and
// .jsonl files, and items of a YAML list that have a line of their own. What
// is not there any more, or shares its line, is left and reported as
// ErrNotAlone; everything else is removed all the same. Files are replaced as
// a whole.
func Remove(removals []Removal) (removed int, err error) {
	byFile := map[string][]Removal{}
	var files []string
	for _, r := range removals {
		if byFile[r.At.File] == nil {
			files = append(files, r.At.File)
		}
		byFile[r.At.File] = append(byFile[r.At.File], r)
	}
	var problems []error
	for _, file := range files {
		n, err := removeFrom(file, byFile[file])
		removed += n
		if err != nil {
			problems = append(problems, err)
		}
	}
	return removed, errors.Join(problems...)
}

func removeFrom(file string, removals []Removal) (int, error) {
	content, err := plainfile.Read(file, MaxUtteranceFileBytes)
	if err != nil {
		return 0, err
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	var problems []error
	var gone []int
	for _, r := range removals {
		at := r.At.Line - 1
		if at < 0 || at >= len(lines) || lineUtterance(file, string(lines[at])) != r.Utterance {
			problems = append(problems, fmt.Errorf("%s: %w", r.At, ErrNotAlone))
			continue
		}
		gone = append(gone, at)
	}
	if len(gone) == 0 {
		return 0, errors.Join(problems...)
	}
	var kept []byte
	for i, line := range lines {
		if !slices.Contains(gone, i) {
			kept = append(kept, line...)
		}
	}
	if err := replaceFile(file, string(kept)); err != nil {
		return 0, err
	}
	return len(gone), errors.Join(problems...)
}

// lineUtterance is the one utterance that a line holds, or "".
func lineUtterance(file, line string) string {
	line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt":
		return line
	case ".jsonl":
		var entry struct {
			Text string `json:"text"`
		}
		if json.Unmarshal([]byte(line), &entry) != nil {
			return ""
		}
		return strings.TrimSpace(entry.Text)
	}
	item, ok := strings.CutPrefix(line, "- ")
	if !ok {
		return ""
	}
	var text any
	if yaml.Unmarshal([]byte(item), &text) != nil {
		return ""
	}
	s, _ := text.(string)
	return strings.TrimSpace(s)
}
