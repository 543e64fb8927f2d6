package background

// Decode reads a file of vectors, as Vectors reads the one that comes with the
// program.
var Decode = decode
