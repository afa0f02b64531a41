package disktest

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// platter is what is durable, and what has been done since.
type platter struct {
	files   map[int]*file
	names   map[string]int // durable names
	moves   []*step        // made, renamed and removed since
	carried int            // of the moves so many came before the sync of a file
}

// file is one file's durable content, and what has been done to it since.
type file struct {
	durable []byte
	pending []*step
}

func newPlatter() platter { return platter{files: map[int]*file{}, names: map[string]int{}} }

// clone returns a platter of its own that nothing was done to yet.
func (d *platter) clone() platter {
	c := platter{files: map[int]*file{}, names: maps.Clone(d.names)}
	for number, f := range d.files {
		c.files[number] = &file{durable: f.durable}
	}
	return c
}

func (d *platter) apply(s *step) {
	switch s.action {
	case made:
		d.files[s.file] = &file{}
		d.moves = append(d.moves, s)
	case renamed, removed:
		d.moves = append(d.moves, s)
	case written, truncated:
		f := d.files[s.file]
		f.pending = append(f.pending, s)
	case synced:
		f := d.files[s.file]
		f.durable, f.pending = f.after(len(f.pending)), nil
		d.carried = len(d.moves)
	case folderSynced:
		d.names, d.moves, d.carried = d.namesAfter(d.moves), nil, 0
	}
}

// namesAfter returns the names when some moves are durable.
func (d *platter) namesAfter(moves []*step) map[string]int {
	names := maps.Clone(d.names)
	for _, s := range moves {
		if s.action != made && names[s.name] == s.file {
			delete(names, s.name)
		}
		switch s.action {
		case made:
			names[s.name] = s.file
		case renamed:
			names[s.to] = s.file
		}
	}
	return names
}

// loseNames returns the names that are left.
func (d *platter) loseNames(chance *rand.Rand) map[string]int {
	all := len(d.moves)
	switch chance.IntN(3) {
	case 0:
		return d.namesAfter(d.moves[:d.carried+chance.IntN(all-d.carried+1)])
	case 1:
		return d.namesAfter(d.moves[:chance.IntN(all+1)])
	}
	return d.namesAfter(d.someMoves(chance))
}

// someMoves returns any of the moves; what is lost of a name takes along what
// was done with that name later.
func (d *platter) someMoves(chance *rand.Rand) (some []*step) {
	lost := map[string]bool{}
	for _, s := range d.moves {
		if lost[s.name] || lost[s.to] || chance.IntN(2) == 0 {
			lost[s.name] = true
			if s.to != "" {
				lost[s.to] = true
			}
			continue
		}
		some = append(some, s)
	}
	return some
}

// sorted returns names in one order, for the sake of chance.
func sorted(names map[string]int) []string { return slices.Sorted(maps.Keys(names)) }

// after returns the content when the first n pending steps are durable.
func (f *file) after(n int) []byte {
	content := slices.Clone(f.durable)
	for _, s := range f.pending[:n] {
		content = resize(content, s.sizeAfter(len(content)))
		copy(content[min(int(s.offset), len(content)):], s.data)
	}
	return content
}

// sizeAfter returns the length of a file that had size bytes.
func (s *step) sizeAfter(size int) int {
	if s.action == truncated {
		return int(s.offset)
	}
	return max(size, int(s.offset)+len(s.data))
}

// resize cuts content, or fills it up with zeros.
func resize(content []byte, size int) []byte {
	if size <= len(content) {
		return content[:size]
	}
	return append(content, make([]byte, size-len(content))...)
}

// lose returns what is left of the file.
func (f *file) lose(chance *rand.Rand) []byte {
	n := len(f.pending)
	switch chance.IntN(4) {
	case 0:
		return f.after(0)
	case 1:
		return f.after(n)
	case 2:
		done := chance.IntN(n + 1)
		return resize(f.after(min(done+1, n)), f.sizeWithin(done, chance))
	}
	// Each sector is as it was after some number of the steps, and the length too.
	content := make([]byte, f.sizeWithin(chance.IntN(n+1), chance))
	for lo := 0; lo < len(content); lo += sector {
		f.sectorAfter(chance.IntN(n+1), lo, content[lo:min(lo+sector, len(content))])
	}
	return content
}

// sizeWithin returns the length of the file after n steps, or one in the middle of the
// next when that makes the file longer.
func (f *file) sizeWithin(n int, chance *rand.Rand) int {
	size := len(f.durable)
	for _, s := range f.pending[:n] {
		size = s.sizeAfter(size)
	}
	if n < len(f.pending) && chance.IntN(2) == 0 {
		size += chance.IntN(max(0, f.pending[n].sizeAfter(size)-size) + 1)
	}
	return size
}

// sectorAfter fills in the sector that starts at lo as it is after n steps.
func (f *file) sectorAfter(n, lo int, content []byte) {
	if lo < len(f.durable) {
		copy(content, f.durable[lo:])
	}
	for _, s := range f.pending[:n] {
		at := int(s.offset)
		switch {
		case s.action == truncated:
			clear(content[min(max(at-lo, 0), len(content)):])
		case at < lo+len(content) && at+len(s.data) > lo:
			copy(content[max(at-lo, 0):], s.data[max(lo-at, 0):])
		}
	}
}
