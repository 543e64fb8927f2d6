//go:build !linux

package postgrestest

import "os/exec"

// unprivileged does nothing where Debian's packages are not.
func unprivileged(*exec.Cmd) error { return nil }
