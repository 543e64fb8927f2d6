package memory

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a large memory page on the machines that have them.
const hugePage = 2 << 20

// newCodes returns room for n codes, which, where that is much, asks for large
// pages: lists are read from all over it, a third faster than from small ones.
func newCodes(n int) []int8 {
	codes := make([]int8, n)
	if n < 16*hugePage {
		return codes
	}
	begin := uintptr(unsafe.Pointer(&codes[0]))
	skip := int((hugePage - begin%hugePage) % hugePage)
	whole := (n - skip) / hugePage * hugePage
	// A hint: without it everything works as well.
	_ = unix.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(&codes[skip])), whole), unix.MADV_HUGEPAGE)
	return codes
}
