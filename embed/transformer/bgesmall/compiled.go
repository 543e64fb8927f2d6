//go:build !nomodel

package bgesmall

import _ "embed" // the model

//go:embed bge-small-en-v1.5.srm
var compiled []byte

// Compiled is the model in the form of package modelfile, not to be changed; nil
// where it was left out.
func Compiled() []byte { return compiled }
