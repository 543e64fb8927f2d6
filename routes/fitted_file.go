package routes

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

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

// WriteFitted puts a fit beside the catalog, in place of an earlier one, and
// gives the path of the file. A reader sees the old file or the new one, never
// a part.
func WriteFitted(catalogPath string, f Fitted) (string, error) {
	target, err := FittedPath(catalogPath)
	if err != nil {
		return "", err
	}
	text, err := fittedYAML(f)
	if err != nil {
		return "", err
	}
	return target, replaceFile(target, text)
}

// replaceFile gives a file of the catalog another text.
func replaceFile(target, text string) error {
	return wholefile.Replace(target, 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
