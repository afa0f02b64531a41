//go:build unix

package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// instance is one server with its files.
type instance struct {
	bin      string
	dir      string
	settings []string

	command *exec.Cmd // nil while it is stopped
	ended   chan error
}

// newInstance makes the cluster. testing.TB's TempDir is of no use: the server
// runs as another user, who cannot look into it.
func newInstance(bin string, settings []string) (*instance, error) {
	dir, err := os.MkdirTemp("", "sluicepg")
	if err != nil {
		return nil, err
	}
	i := &instance{bin: bin, dir: dir, settings: settings}
	if err := i.initialize(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return i, nil
}

func (i *instance) initialize() error {
	if err := giveAway(i.dir); err != nil {
		return err
	}
	initdb := i.asServer("initdb", "-D", i.data(), "-U", User, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// A role called guarded needs its password; all others need none.
	rules := "local all guarded scram-sha-256\nlocal all all trust\n"
	return os.WriteFile(filepath.Join(i.data(), "pg_hba.conf"), []byte(rules), 0o644)
}

func (i *instance) data() string { return filepath.Join(i.dir, "data") }

func (i *instance) asServer(program string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(i.bin, program), args...)
	c.Dir = i.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	c.SysProcAttr = asOther()
	return c
}

// start starts the server and returns when it takes connections.
func (i *instance) start() error {
	args := []string{"-D", i.data(), "-k", i.dir, "-h", ""}
	for _, setting := range i.settings {
		args = append(args, "-c", setting)
	}
	log := newLog()
	i.command, i.ended = i.asServer("postgres", args...), make(chan error, 1)
	i.command.Stderr = log
	started := make(chan error)
	go run(i.command, started, i.ended)
	if err := <-started; err != nil {
		return err
	}
	select {
	case <-log.ready:
		return nil
	case err := <-i.ended:
		i.command = nil
		return fmt.Errorf("the server ended: %w\n%s", err, log.text())
	}
}

// stop stops the server and returns when it has ended.
func (i *instance) stop(how syscall.Signal) error {
	if i.command == nil {
		return nil
	}
	err := i.command.Process.Signal(how)
	<-i.ended
	i.command = nil
	return err
}

// remove ends the server and removes its files.
func (i *instance) remove() error {
	return errors.Join(i.stop(Immediate), os.RemoveAll(i.dir))
}
