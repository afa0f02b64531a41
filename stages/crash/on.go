//go:build chaos && unix

package crash

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// spec is read once; the instants come from several goroutines.
var (
	spec  = read()
	times atomic.Int64
)

func read() Spec {
	text := os.Getenv("CRASH_AT")
	if text == "" {
		return Spec{}
	}
	s, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return s
}

// Before is called when i is about to happen.
func Before(i Instant) { reach(i, false) }

// After is called when i has happened, before anybody knows.
func After(i Instant) { reach(i, true) }

// Armed says whether the process is to end at i.
func Armed(i Instant) bool { return i == spec.Instant }

func reach(i Instant, after bool) {
	if i != spec.Instant || after != spec.After || times.Add(1) != int64(spec.Count) {
		return
	}
	if spec.Delay == 0 {
		end()
	}
	go func() {
		time.Sleep(spec.Delay)
		end()
	}()
}

// end does not return.
func end() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
