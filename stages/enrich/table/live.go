package table

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// CheckInterval is how often, at most, a Live table looks at its file.
const CheckInterval = time.Second

// Live is a table that follows its file. Current costs an atomic load; Refresh
// does the rest.
type Live struct {
	config Config
	warn   func(string)

	current atomic.Pointer[Table]
	checked atomic.Int64 // when Refresh last looked, Unix nanoseconds

	mu      sync.Mutex  // held by the one who refreshes; never waited for
	loaded  os.FileInfo // the state that was last loaded, or was found to be no table
	pending os.FileInfo // a change seen once; nil for none
	failed  string      // the last failure that was reported, "" for none
}

// NewLive loads the table. warn, which may be nil, is told what a person should
// know: keys that come more than once, reloads, reloads that failed.
func NewLive(c Config, now time.Time, warn func(string)) (*Live, error) {
	l := &Live{config: c, warn: warn}
	if l.warn == nil {
		l.warn = func(string) {}
	}
	t, info, err := loadWithInfo(c)
	if err != nil {
		return nil, err
	}
	l.loaded = info
	l.checked.Store(now.UnixNano())
	l.take(t)
	return l, nil
}

// Path returns the table's file.
func (l *Live) Path() string { return l.config.Path }

// Current returns the table as it was last loaded.
func (l *Live) Current() *Table { return l.current.Load() }

// Refresh looks at the file when the last look was CheckInterval ago, and loads
// it when size, time or inode changed and it then stayed the same from one look
// to the next, so that a file being written is left alone. The caller who is
// first does the work; everyone else returns at once and goes on with the old
// table. A load that fails keeps the old table and warns once.
func (l *Live) Refresh(now time.Time) {
	last := l.checked.Load()
	if now.UnixNano()-last < int64(CheckInterval) || !l.checked.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	// The load before may take longer than the interval.
	if !l.mu.TryLock() {
		return
	}
	defer l.mu.Unlock()
	if err := l.refreshLocked(); err != nil {
		if message := err.Error(); message != l.failed {
			l.failed = message
			l.warn(fmt.Sprintf("lookup table kept as it was, for its file could not be read again: %s", message))
		}
		return
	}
	l.failed = ""
}

func (l *Live) refreshLocked() error {
	info, err := os.Stat(l.config.Path)
	if err != nil {
		return err
	}
	if same(info, l.loaded) {
		l.pending = nil
		return nil
	}
	if !same(info, l.pending) {
		l.pending = info
		return nil
	}
	t, info, err := loadWithInfo(l.config)
	if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
		return err // tried again at the next look
	}
	l.loaded, l.pending = info, nil
	if err != nil {
		return err // not before the file changes
	}
	l.take(t)
	return nil
}

// take makes t the current table.
func (l *Live) take(t *Table) {
	if t.duplicates > 0 {
		l.warn(fmt.Sprintf("lookup table %s: rows hidden by a later row with the same key: %d", l.config.Path, t.duplicates))
	}
	l.current.Store(t)
}

// loadWithInfo loads the table and says which state of the file it is. A file
// that changed meanwhile differs from that at the next look.
func loadWithInfo(c Config) (*Table, os.FileInfo, error) {
	info, err := os.Stat(c.Path)
	if err != nil {
		return nil, nil, err
	}
	t, err := Load(c)
	return t, info, err
}

// same says whether two looks saw the same state of the same file.
func same(a, b os.FileInfo) bool {
	return a != nil && b != nil && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
}
