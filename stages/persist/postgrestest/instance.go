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

// Instance is one server with its files, for one goroutine at a time: a Server
// without a test around it.
type Instance struct {
	bin      string
	dir      string
	settings []string

	command *exec.Cmd // nil while it is stopped
	ended   chan error
}

// newInstance makes the cluster. testing.TB's TempDir is of no use: the server
// runs as another user, who cannot look into it.
func newInstance(bin string, settings []string) (*Instance, error) {
	dir, err := os.MkdirTemp("", "sluicepg")
	if err != nil {
		return nil, err
	}
	i := &Instance{bin: bin, dir: dir, settings: settings}
	if err := i.initialize(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return i, nil
}

func (i *Instance) initialize() error {
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

func (i *Instance) data() string { return filepath.Join(i.dir, "data") }

func (i *Instance) asServer(program string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(i.bin, program), args...)
	c.Dir = i.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	c.SysProcAttr = asOther()
	return c
}

// ErrAbsent says that this machine has no PostgreSQL, and how to get one.
var ErrAbsent = errors.New(howToGet)

// NewInstance makes a server with the given settings beside the usual ones; it
// is not started. Remove ends it.
func NewInstance(more ...string) (*Instance, error) {
	bin := programs()
	if bin == "" {
		return nil, ErrAbsent
	}
	return newInstance(bin, append(settings[:len(settings):len(settings)], more...))
}

// Dir is the directory of the server's socket.
func (i *Instance) Dir() string { return i.dir }

// URL returns the URL of a database, for User.
func (i *Instance) URL(database string) string { return URL(i.dir, User, database) }

// Start starts the server and returns when it takes connections.
func (i *Instance) Start() error {
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

// Stop stops the server and returns when it has ended.
func (i *Instance) Stop(how syscall.Signal) error {
	if i.command == nil {
		return nil
	}
	err := i.command.Process.Signal(how)
	<-i.ended
	i.command = nil
	return err
}

// Remove ends the server and removes its files.
func (i *Instance) Remove() error {
	return errors.Join(i.Stop(Immediate), os.RemoveAll(i.dir))
}
