package ndjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/progress"
)

// ProgressSuffix is what the progress file has behind the name of the rows.
const ProgressSuffix = ".progress.json"

// sidecar is the file of progress beside the rows. The lock on the rows keeps
// it from being moved by two.
type sidecar struct {
	fs      disk.FS
	path    string
	content content
	begun   bool // the file is there: what stands in the rows beyond its size is ours
	fence   progress.Fence
	moved   []pipeline.Progress // since the last store, the latest of each source
}

// content is what the file holds.
type content struct {
	Size    int64             `json:"size"` // of the rows it vouches for, in bytes
	Sources []progress.Stored `json:"sources"`
}

// openSidecar reads the progress of the rows, whose file has the given size.
// Progress that vouches for more than is there is an error.
func openSidecar(fsys disk.FS, path, rows string, size int64) (*sidecar, error) {
	s := &sidecar{fs: fsys, path: path}
	text, err := fsys.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	if err := json.Unmarshal(text, &s.content); err != nil {
		return nil, fmt.Errorf("read progress: %s is not as sluice writes it (%w): remove it to read the sources from their start", path, err)
	}
	if len(s.content.Sources) == 0 && size < s.content.Size {
		return &sidecar{fs: fsys, path: path}, nil // no progress that could be wrong
	}
	s.begun = true
	if size < s.content.Size {
		return nil, fmt.Errorf("%s has %d bytes, but %s vouches for %d of them: the rows were moved, removed or cut; "+
			"put them back, or remove %s to read the sources from their start", rows, size, path, s.content.Size, path)
	}
	return s, nil
}

func removeSidecar(fsys disk.FS, path string) error {
	err := fsys.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = fsys.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("remove progress: %w", disk.Explain(err))
	}
	return nil
}

func (s *sidecar) all() []pipeline.Progress {
	var all []pipeline.Progress
	for _, stored := range s.content.Sources {
		all = append(all, stored.Progress())
	}
	return all
}

// move notes how far a group brings its sources; nothing is stored yet.
func (s *sidecar) move(group []pipeline.Progress) {
	for _, p := range group {
		same := func(q pipeline.Progress) bool { return q.Source == p.Source }
		if i := slices.IndexFunc(s.moved, same); i >= 0 {
			s.moved[i] = p
		} else {
			s.moved = append(s.moved, p)
		}
	}
}

// store writes what has moved. The rows up to size must be durable.
func (s *sidecar) store(size int64, now time.Time) error {
	if len(s.moved) == 0 {
		return nil
	}
	next := content{Size: size, Sources: slices.Clone(s.content.Sources)}
	for i := range s.moved {
		stored := progress.Store(&s.moved[i], s.fence.Last(&s.moved[i])+1, now)
		same := func(q progress.Stored) bool { return q.Source == stored.Source }
		if j := slices.IndexFunc(next.Sources, same); j >= 0 {
			next.Sources[j] = stored
		} else {
			next.Sources = append(next.Sources, stored)
		}
	}
	if err := s.replace(next); err != nil {
		return err
	}
	s.fence.Moved(s.moved)
	s.moved = s.moved[:0]
	return nil
}

func (s *sidecar) replace(next content) error {
	text, err := json.MarshalIndent(next, "", "  ")
	if err == nil {
		err = disk.Replace(s.fs, s.path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write progress: %w", err)
	}
	s.content, s.begun = next, true
	return nil
}

// begin notes, before the first row goes in, what of the rows' file is not
// ours; size is its length.
func (s *sidecar) begin(size int64) error {
	if s.begun {
		return nil
	}
	return s.replace(content{Size: size, Sources: []progress.Stored{}})
}

// ours implements disk.Ours for the rows.
func (s *sidecar) ours(start int64, _ []byte) bool { return s.begun && start >= s.content.Size }
