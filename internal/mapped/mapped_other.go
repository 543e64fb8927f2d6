//go:build !linux && !darwin

package mapped

import "os"

// mapFile is for systems that map otherwise.
func mapFile(*os.File, int) ([]byte, *Memory, bool) { return nil, nil, false }
