package disktest

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
)

// Power records what is done to the files of one folder, so that a test can see
// what a loss of power would leave of them. What was synced is kept. Of what was not:
//
//   - any part of a write may be there and any part missing, in units of a sector and
//     in any order between sectors. What is missing is as it was, or zeros beyond
//     the end that was synced
//   - the length of a file is any that it had since its last sync, or one in the middle of
//     a write, whatever of the data is there
//   - a file that was made may be absent, a rename or removal undone, until the folder
//     is synced. By chance they are lost from some moment on, as file systems with a
//     journal have it (ext4, XFS), with or without the sync of any file carrying those
//     before it along, or one by one, each for itself (Btrfs, as the ALICE paper found:
//     Pillai and others, "All File Systems Are Not Created Equal", OSDI 2014)
//
// What was synced stays whole, also beside a write (SQLite's powersafe overwrite).
// A rename is there or not, and never half. It is safe for concurrent use.
type Power struct {
	mu    sync.Mutex // guards what follows
	base  platter    // what the folder held before the steps
	steps []step
	files map[string]int // the files' numbers by their names
	count int
	deaf  func(operation, name string) bool // nil for none
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
func NewPower() *Power { return &Power{base: newPlatter(), files: map[string]int{}} }

// Ignore has those operations have no effect for which f is true, to show that a test
// notices: sync with the name of the file, and syncdir with that of the folder.
func (p *Power) Ignore(f func(operation, name string) bool) { p.deaf = f }

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
func (p *Power) Sync(file int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deaf != nil && p.deaf("sync", p.nameLocked(file)) {
		return
	}
	p.steps = append(p.steps, step{action: synced, file: file})
}

func (p *Power) nameLocked(file int) string {
	for name, number := range p.files {
		if number == file {
			return name
		}
	}
	return ""
}

// SyncDir notes that what was made, renamed and removed is durable.
func (p *Power) SyncDir(name string) {
	if p.deaf == nil || !p.deaf("syncdir", name) {
		p.add(step{action: folderSynced})
	}
}

// Rename notes that a file has another name.
func (p *Power) Rename(from, to string) {
	from, to = filepath.Base(from), filepath.Base(to)
	p.mu.Lock()
	defer p.mu.Unlock()
	file := p.files[from]
	p.files[to] = file
	delete(p.files, from)
	p.steps = append(p.steps, step{action: renamed, file: file, name: from, to: to})
}

// Remove notes that a name is gone.
func (p *Power) Remove(name string) {
	name = filepath.Base(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps = append(p.steps, step{action: removed, file: p.files[name], name: name})
	delete(p.files, name)
}

// Mark notes what the program has been told by now.
func (p *Power) Mark(value int64) { p.add(step{action: marked, offset: value}) }

// Steps returns how many steps there are to cut between.
func (p *Power) Steps() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.steps)
}

// Cut writes into dir what the disk may hold when the power is lost after n
// steps, as chance has it. It returns the last mark before, 0 for none, and a record that
// goes on from there.
func (p *Power) Cut(n int, chance *rand.Rand, dir string) (mark int64, after *Power, err error) {
	d, mark := p.played(n)
	names := d.loseNames(chance)
	left := NewPower()
	for _, name := range sorted(names) {
		left.count++
		left.files[name] = left.count
		left.base.names[name] = left.count
		left.base.files[left.count] = &file{durable: d.files[names[name]].lose(chance)}
	}
	left.Mark(mark)
	return mark, left, left.base.write(left.base.names, dir)
}

// Kill writes into dir what the system shows when the process is killed after n steps
// and the power stays on. It returns what Cut does; what was not synced by then can
// still be lost.
func (p *Power) Kill(n int, dir string) (mark int64, after *Power, err error) {
	d, mark := p.played(n)
	p.mu.Lock()
	left := &Power{base: p.base.clone(), steps: p.steps[:n:n], count: p.count}
	p.mu.Unlock()
	left.files = d.namesAfter(d.moves)
	return mark, left, d.write(left.files, dir)
}

// played returns the platter after n steps, and the last mark.
func (p *Power) played(n int) (d platter, mark int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d = p.base.clone()
	for i := range p.steps[:n] {
		if s := &p.steps[i]; s.action == marked {
			mark = s.offset
		} else {
			d.apply(s)
		}
	}
	return d, mark
}

// write writes files, as they are without a loss, into dir.
func (d *platter) write(names map[string]int, dir string) error {
	for name, number := range maps.All(names) {
		f := d.files[number]
		if err := os.WriteFile(filepath.Join(dir, name), f.after(len(f.pending)), 0o600); err != nil {
			return err
		}
	}
	return nil
}
