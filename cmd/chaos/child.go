//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// child is a run of sluice as a process of its own.
type child struct {
	cmd    *exec.Cmd
	stderr output
	began  time.Time
	took   time.Duration
	ended  chan struct{} // closed when it has ended
	at     string        // when it was to end itself
	late   atomic.Bool   // it was killed from here
}

// startChild starts sluice in dir. crashAt is for package crash, "" for nothing.
func startChild(binary, dir, crashAt string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(binary, args...), at: crashAt, ended: make(chan struct{}), began: time.Now()}
	c.cmd.Dir = dir
	c.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "SLUICE_LISTEN=off"}
	if crashAt != "" {
		c.cmd.Env = append(c.cmd.Env, "CRASH_AT="+crashAt)
	}
	c.cmd.Stderr = &c.stderr
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = c.cmd.Wait() // how it ended is asked below
		c.took = time.Since(c.began)
		close(c.ended)
	}()
	return c, nil
}

// killAfter waits for the end, and kills the process when it has not come by
// then.
func (c *child) killAfter(d time.Duration) {
	if !c.endAfter(d) {
		c.kill()
	}
}

// killAt does so in the background, d after it began.
func (c *child) killAt(d time.Duration) {
	go c.killAfter(time.Until(c.began.Add(d)))
}

// endAfter waits for the end, and says whether it came within d.
func (c *child) endAfter(d time.Duration) bool {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-c.ended:
		return true
	case <-timer.C:
		return false
	}
}

// kill returns when the process has ended.
func (c *child) kill() {
	c.late.Store(true)
	_ = c.cmd.Process.Kill() // an error says that it has ended
	<-c.ended
}

// terminate ends the process in order, and kills it when that takes too long.
func (c *child) terminate() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // an error says that it has ended
	c.killAfter(patience)
}

// how says when it was killed: "before commit", or howRandom.
func (c *child) how() string {
	if f := strings.Fields(c.at); len(f) > 2 && !c.late.Load() {
		return f[0] + " " + f[1]
	}
	return howRandom
}

// killed says whether a signal ended it, its own one included.
func (c *child) killed() bool { return c.cmd.ProcessState.ExitCode() == -1 }

func (c *child) code() int { return c.cmd.ProcessState.ExitCode() }

// String tells how it ended.
func (c *child) String() string {
	how := fmt.Sprintf("exit %d", c.code())
	if c.killed() {
		how = c.cmd.ProcessState.String()
	}
	if text := strings.TrimSpace(c.stderr.String()); text != "" {
		how += "\n      " + strings.ReplaceAll(text, "\n", "\n      ")
	}
	return fmt.Sprintf("%s after %s", how, c.took.Round(time.Millisecond/10))
}

// output keeps what a process writes while somebody reads it.
type output struct {
	mu   sync.Mutex // guards text
	text []byte
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}
