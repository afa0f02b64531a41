package dedupe

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"sluice/pipeline"
)

// Dedupe takes duplicates out of batches. It is safe for any number of
// goroutines, each with a Scratch and a batch of its own. It starts none and
// needs no closing.
type Dedupe struct {
	config Config
	names  []string // of the key's fields, as messages have them
	at     string   // pointer to the key, where it is one field
	paths  *pipeline.Paths
	hasher hasher
	began  time.Time

	mu     sync.Mutex // guards window; held for a batch's keys, never across anything that blocks
	window *window
}

// Scratch is the memory that one call of Process needs. It is used again.
type Scratch struct {
	values  []pipeline.Value
	key     []byte
	waiting []candidate
}

// candidate is a record that has a key.
type candidate struct {
	record *pipeline.Record
	sum    sum
}

// New makes a window and all its memory. The error joins a *pipeline.ConfigError
// for each mistake.
func New(config Config) (*Dedupe, error) {
	paths, err := config.compile()
	if err != nil {
		return nil, err
	}
	config = config.withDefaults()
	d := &Dedupe{
		config: config, paths: pipeline.NewPaths(paths...), hasher: newHasher(),
		began: time.Now(), window: newWindow(config.Count, config.Within),
	}
	for _, p := range paths {
		d.names = append(d.names, p.String())
	}
	if len(paths) == 1 {
		d.at = paths[0].Pointer()
	}
	return d, nil
}

// Process filters or rejects the live records of a batch whose key is in the
// window, and puts the keys of the others in. It is called once a batch, after
// all else that may take a record out. A dead letter that comes again is not
// looked at: it may be its own key that the window has.
func (d *Dedupe) Process(s *Scratch, b *pipeline.Batch) {
	if b.Replayed() {
		return
	}
	s.waiting = s.waiting[:0]
	for r := range b.Each() {
		s.values = r.GetAll(s.values, d.paths)
		var ok bool
		if s.key, ok = appendKey(s.key[:0], s.values); ok {
			s.waiting = append(s.waiting, candidate{r, d.hasher.sum(s.key)})
		}
	}
	for _, c := range d.admit(s.waiting) {
		d.takeOut(c.record)
	}
	s.release()
}

// admit puts keys in and returns those that were there, in the list's own
// memory.
func (d *Dedupe) admit(list []candidate) (duplicates []candidate) {
	if len(list) == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Since(d.began) // within the lock: it never goes back
	duplicates = list[:0]
	for _, c := range list {
		if !d.window.add(c.sum, now) {
			duplicates = append(duplicates, c)
		}
	}
	return duplicates
}

func (d *Dedupe) takeOut(r *pipeline.Record) {
	if d.config.OnDuplicate == OnDuplicateFilter {
		r.Filter()
		return
	}
	r.Reject(&pipeline.RecordError{Code: pipeline.CodeDuplicate, Pointer: d.at, Message: d.message(r)})
}

// maxShown bounds a value that a message shows, in bytes.
const maxShown = 80

// message says which key came before, and what the window is.
func (d *Dedupe) message(r *pipeline.Record) string {
	var b strings.Builder
	b.WriteString("a record with the same key came before: ")
	for i, v := range r.GetAll(nil, d.paths) {
		if i > 0 {
			b.WriteString(", ")
		}
		text := strings.ToValidUTF8(string(v.JSON()[:min(len(v.JSON()), maxShown)]), "")
		if len(v.JSON()) > maxShown {
			text += "..."
		}
		fmt.Fprintf(&b, "%s is %s", d.names[i], text)
	}
	fmt.Fprintf(&b, " (of the last %d keys", d.config.Count)
	if d.config.Within > 0 {
		fmt.Fprintf(&b, ", within %v", d.config.Within)
	}
	b.WriteByte(')')
	return b.String()
}

// release forgets the records, and memory that an odd key made large.
func (s *Scratch) release() {
	clear(s.values)
	clear(s.waiting[:cap(s.waiting)])
	if cap(s.key) > 1<<16 {
		s.key = nil
	}
}
