// Command asm writes the amd64 assembly of internal/vec and of the packages
// below it, with the Go declarations beside it: `make generate-asm` at the top of
// the repository. It is a module of its own, so that the product does not depend
// on avo.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// packages are the folders with assembly, from here, and what is in each.
var packages = []struct {
	name, folder string
	kernels      []func(gen)
}{
	{"vec", "..", []func(gen){
		dotRows, axpy,
		dotRowsI8AVX2, dotRowsI8VNNI, lowDotRowsAVX2, lowDotRowsVNNI,
		sumRowsAVX2, sumRowsI8AVX2, sumRowsI8AVX512, addScaledInt8,
		maxAbs, quantizeI8, quantizeLowI8,
		scoresI8, firstAbove, eighthFloor, reachMask,
	}},
	{"gemm", "../gemm", []func(gen){
		multiplyVNNI, multiplyAVXVNNI, multiplyAVX2, quantizeBytes, quantizeWords, largestAVX2,
	}},
	{"nn", "../nn", []func(gen){
		both(gelu), both(layerNorm), both(softmax), productAVX512, productAVX2,
	}},
}

func main() {
	for _, p := range packages {
		g := gen{build.NewContext()}
		for _, kernel := range p.kernels {
			kernel(g)
		}
		if err := write(g, p.name, p.folder); err != nil {
			fmt.Fprintf(os.Stderr, "asm: package %s: %v\n", p.name, err)
			os.Exit(1)
		}
	}
}

func write(g gen, name, folder string) error {
	file, err := g.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return err
	}
	config := printer.Config{Name: "internal/vec/asm", Pkg: name}
	for path, p := range map[string]printer.Printer{
		"kernels_amd64.s": printer.NewGoAsm(config), "kernels_amd64.go": printer.NewStubs(config),
	} {
		text, err := p.Print(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, path), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
