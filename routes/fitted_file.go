package routes

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/semroute/semroute/internal/wholefile"
)

// fittedBeside names the file that holds the fit of a catalog file, "" for a
// file that is such a fit itself.
func fittedBeside(catalogFile string) string {
	ext := path.Ext(catalogFile)
	stem := strings.TrimSuffix(catalogFile, ext)
	if strings.HasSuffix(stem, ".fitted") || filepath.Base(stem) == "fitted" {
		return ""
	}
	return stem + ".fitted.yaml"
}

// FittedPath names the file that WriteFitted writes for a catalog: fitted.yaml
// in a folder, NAME.fitted.yaml beside a file NAME.yaml. Load reads both.
func FittedPath(catalogPath string) (string, error) {
	info, err := os.Stat(catalogPath)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return filepath.Join(catalogPath, "fitted.yaml"), nil
	}
	if beside := fittedBeside(catalogPath); beside != "" {
		return beside, nil
	}
	return catalogPath, nil
}

// WriteFitted puts a fit beside the catalog, in place of an earlier one whose
// comments it keeps, and gives the path of the file. A reader sees the old file
// or the new one, never a part.
func WriteFitted(catalogPath string, f Fitted) (string, error) {
	target, err := FittedPath(catalogPath)
	if err != nil {
		return "", err
	}
	text, err := fittedYAML(f, commentsOf(target))
	if err != nil {
		return "", err
	}
	return target, replaceFile(target, text)
}

// fittedYAML is the text of the file that WriteFitted writes.
func fittedYAML(f Fitted, comments yaml.CommentMap) (string, error) {
	file := struct {
		Fitted Fitted `yaml:"fitted"`
	}{f}
	text, err := yaml.MarshalWithOptions(file, append(writeOptions(), yaml.WithComment(comments))...)
	return string(text), err
}

// commentsOf are the comments of an earlier fit, by what they stand at; those
// that a fit begins with where there is none, or none that can be read.
func commentsOf(file string) yaml.CommentMap {
	fresh := yaml.CommentMap{"$.fitted": {yaml.HeadComment(" Written by semroute fit; fit again after changing the catalog.")}}
	data, err := plainfile.Read(file, MaxCatalogBytes)
	if err != nil {
		return fresh
	}
	var found collector
	v, ok := strictyaml.Parse(file, data, &found)
	if !ok || !slices.Equal(v.Keys(), []string{"fitted"}) {
		return fresh
	}
	if _, ok := v.Plain("a fit"); !ok || found.Count() > 0 { // aliases that multiply, for one
		return fresh
	}
	kept := yaml.CommentMap{}
	var ignored any
	if err := yaml.UnmarshalWithOptions(data, &ignored, yaml.CommentToMap(kept)); err != nil {
		return fresh
	}
	return kept
}

// replaceFile gives a file of the catalog another text.
func replaceFile(target, text string) error {
	return wholefile.Replace(target, 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
