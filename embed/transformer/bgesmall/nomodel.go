//go:build nomodel

package bgesmall

// Compiled says that the program was built without the model.
func Compiled() []byte { return nil }
