package postgrestest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// unprivileged has root's programs run as the user postgres, because the server
// refuses to be root. Where that user may not even write to /dev/null, as in some
// sandboxes, root runs them itself, in a user namespace in which it has that
// user's number and no privileges.
func unprivileged(cmd *exec.Cmd) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := numbersOf("postgres")
	if err != nil {
		return err
	}
	null, err := os.Stat(os.DevNull)
	if err != nil {
		return err
	}
	if null.Mode().Perm()&0o002 != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} // #nosec G115 -- parsed with 32 bits
		return os.Chown(cmd.Dir, uid, gid)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: 0, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: 0, Size: 1}},
	}
	return nil
}

func numbersOf(name string) (uid, gid int, err error) {
	who, err := user.Lookup(name)
	if err != nil {
		return 0, 0, fmt.Errorf("the server refuses to run as root: %w", err)
	}
	if uid, err = number(who.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = number(who.Gid)
	return uid, gid, err
}

func number(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	return int(n), err // #nosec G115 -- 32 bits
}
