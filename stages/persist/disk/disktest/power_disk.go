package disktest

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// platter is what is durable, and what has been done since.
type platter struct {
	files map[int]*file
	names map[string]int // durable names
	moves []*step        // made, renamed and removed since
}

// file is one file's durable content, and what has been done to it since.
type file struct {
	durable []byte
	pending []*step
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
		d.names, d.moves = d.namesAfter(len(d.moves)), nil
	case folderSynced:
		d.names, d.moves = d.namesAfter(len(d.moves)), nil
	}
}

// namesAfter returns the names when the first n moves are durable.
func (d *platter) namesAfter(n int) map[string]int {
	names := maps.Clone(d.names)
	for _, s := range d.moves[:n] {
		switch s.action {
		case made:
			names[s.name] = s.file
		case renamed:
			names[s.to] = names[s.name]
			delete(names, s.name)
		case removed:
			delete(names, s.name)
		}
	}
	return names
}

// lose returns the files that are left, by name.
func (d *platter) lose(chance *rand.Rand) map[string][]byte {
	left := map[string][]byte{}
	names := d.namesAfter(chance.IntN(len(d.moves) + 1))
	for _, name := range slices.Sorted(maps.Keys(names)) { // in one order, for the sake of chance
		left[name] = d.files[names[name]].lose(chance)
	}
	return left
}

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
		return f.after(chance.IntN(n + 1))
	}
	// Each sector is as it was after some number of the steps, and the length too.
	size := len(f.durable)
	for _, s := range f.pending[:chance.IntN(n+1)] {
		size = s.sizeAfter(size)
	}
	content := make([]byte, size)
	for lo := 0; lo < size; lo += sector {
		f.sectorAfter(chance.IntN(n+1), lo, content[lo:min(lo+sector, size)])
	}
	return content
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
