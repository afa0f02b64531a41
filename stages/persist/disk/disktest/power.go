package disktest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
)

// Power records what is done to the files of one folder, so that a test can see
// what a loss of power would leave of them. What was synced is kept. Of what was not, any
// part of a write may be there and any part missing, in units of a sector and in any
// order between sectors; the length of a file, and what was made, renamed and removed,
// are as they were at some moment since the last sync. It is safe for concurrent use.
type Power struct {
	mu    sync.Mutex // guards what follows
	steps []step
	files map[string]int // the files' numbers by their names
	count int
}

type action uint8

const (
	made action = iota
	written
	truncated
	synced
	folderSynced
	renamed
	removed
	marked
)

// step is one thing that was done.
type step struct {
	action action
	file   int
	name   string // of what was made, renamed or removed
	to     string // the new name, of what was renamed
	offset int64  // of what was written; the length, of what was truncated; the value of a mark
	data   []byte
}

// sector is what a disk writes whole.
const sector = 512

// NewPower returns a record of an empty folder.
func NewPower() *Power { return &Power{files: map[string]int{}} }

func (p *Power) add(s step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, s)
}

// Open notes that a file is open by its name, which makes it when there is none,
// and returns its number.
func (p *Power) Open(name string) (file int) {
	name = filepath.Base(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	if file, ok := p.files[name]; ok {
		return file
	}
	p.count++
	p.files[name] = p.count
	p.steps = append(p.steps, step{action: made, file: p.count, name: name})
	return p.count
}

// Write notes what was written where.
func (p *Power) Write(file int, offset int64, data []byte) {
	p.add(step{action: written, file: file, offset: offset, data: append([]byte(nil), data...)})
}

// Truncate notes a file's new length.
func (p *Power) Truncate(file int, size int64) {
	p.add(step{action: truncated, file: file, offset: size})
}

// Sync is to be called before the file is synced: what comes after is not.
func (p *Power) Sync(file int) { p.add(step{action: synced, file: file}) }

// SyncDir notes that what was made, renamed and removed is durable. So it is after the
// Sync of any file, as file systems with a journal have it.
func (p *Power) SyncDir() { p.add(step{action: folderSynced}) }

// Rename notes that a file has another name.
func (p *Power) Rename(from, to string) {
	from, to = filepath.Base(from), filepath.Base(to)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[to] = p.files[from]
	delete(p.files, from)
	p.steps = append(p.steps, step{action: renamed, name: from, to: to})
}

// Remove notes that a name is gone.
func (p *Power) Remove(name string) {
	name = filepath.Base(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.files, name)
	p.steps = append(p.steps, step{action: removed, name: name})
}

// Mark notes that the program has been told something by now.
func (p *Power) Mark(value int64) { p.add(step{action: marked, offset: value}) }

// Steps returns how many steps there are to cut between.
func (p *Power) Steps() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.steps)
}

// Cut writes into dir what the disk may hold when the power is lost after n
// steps, as chance has it, and returns the last mark before, 0 for none.
func (p *Power) Cut(n int, chance *rand.Rand, dir string) (mark int64, err error) {
	p.mu.Lock()
	steps := p.steps[:n]
	p.mu.Unlock()
	d := platter{files: map[int]*file{}, names: map[string]int{}}
	for i := range steps {
		if s := &steps[i]; s.action == marked {
			mark = s.offset
		} else {
			d.apply(s)
		}
	}
	for name, content := range d.lose(chance) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return 0, err
		}
	}
	return mark, nil
}
