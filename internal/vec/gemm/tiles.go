//go:build amd64 || arm64

package gemm

// tiles shares rows out evenly: the first row and the number of each tile, none
// with more than most.
func tiles(rows, most int) func(yield func(first, height int) bool) {
	count := (rows + most - 1) / most
	return func(yield func(first, height int) bool) {
		for i := range count {
			first := i * rows / count
			if !yield(first, (i+1)*rows/count-first) {
				return
			}
		}
	}
}
