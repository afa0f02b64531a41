//go:build unix

package postgrestest

import (
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
)

// other returns the user to run the server as: postgres refuses to run as root.
// nil when this process is not root.
func other() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32) // numbers on this system
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

// asOther has a process run as that user, and end with this one where the
// system can do that.
func asOther() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Credential: other()}
	endWithParent(attr)
	return attr
}

// giveAway makes that user the owner of a directory.
func giveAway(dir string) error {
	if o := other(); o != nil {
		return os.Chown(dir, int(o.Uid), int(o.Gid))
	}
	return nil
}

// run starts the server and waits for its end, on a thread that lives as long.
func run(c *exec.Cmd, started, ended chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.Start()
	started <- err
	if err == nil {
		ended <- c.Wait()
	}
}
