// Command convert makes the model that is compiled into the binary out of a folder
// as Hugging Face has it: `make bge-small` at the top of the repository.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/internal/wholefile"
)

// wordBits halve the table of tokens, a third of the model.
const wordBits = 4

func main() {
	const folderAndFile = 2
	if len(os.Args) != 1+folderAndFile {
		_, _ = fmt.Fprintln(os.Stderr, "usage: convert FOLDER FILE.srm")
		os.Exit(2)
	}
	if err := convert(os.Args[1], os.Args[2]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

func convert(folder, file string) error {
	c, err := checkpoint.OpenFolder(folder)
	if err != nil {
		return err
	}
	err = wholefile.Replace(file, 0o644, func(to io.Writer) error { return modelfile.Write(to, c, wordBits) })
	return errors.Join(err, c.Close())
}
