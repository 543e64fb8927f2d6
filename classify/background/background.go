// Package background is some thousands of ordinary prompts on twenty subjects,
// written for this project: what people also type, whatever a catalog is
// about. They belong to no route, so a classifier can learn from them how
// prompts look that are none of its business. They hold no text of any data
// set.
package background

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strings"
)

//go:embed prompts/*.txt
var files embed.FS

// Subject is what prompts are about, cooking or travel say.
type Subject struct {
	Name    string
	Prompts []string // no two are the same, over all subjects
}

// Subjects gives all prompts, the subjects in the order of their names.
func Subjects() ([]Subject, error) {
	list, err := files.ReadDir("prompts")
	if err != nil {
		return nil, err
	}
	subjects := make([]Subject, len(list))
	for i, file := range list {
		text, err := files.ReadFile(path.Join("prompts", file.Name()))
		if err != nil {
			return nil, err
		}
		subjects[i] = Subject{strings.TrimSuffix(file.Name(), ".txt"), strings.Split(strings.TrimSpace(string(text)), "\n")}
	}
	return subjects, nil
}

// Fingerprint changes when a prompt does.
func Fingerprint(subjects []Subject) string {
	sum := sha256.New()
	for _, s := range subjects {
		sum.Write([]byte(s.Name + "\n" + strings.Join(s.Prompts, "\n") + "\n\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
