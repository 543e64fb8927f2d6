// Package bgesmall is BAAI's bge-small-en-v1.5, converted, as a part of the program:
// English, 12 layers of 384, 29 MB. README.md beside it says where it comes from and
// how it is made again.
//
// It promises the bytes that SHA256 names, or none where the program was built with
// the tag nomodel. They stay in the program's file until somebody asks for them.
package bgesmall

// Name is the model's.
const Name = "bge-small-en-v1.5"

// SHA256 is that of the file.
const SHA256 = "4cbd26a766a8b2b604232a5d2338238ba3b6ed460ac54a3ac40a3c5ff29010f8"
