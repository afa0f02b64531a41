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
	Size     int64             `json:"size"`               // of the rows it vouches for, in bytes
	Rotation *rotation         `json:"rotation,omitempty"` // with it the size is that of the partial file
	Sources  []progress.Stored `json:"sources"`
}

// rotation is where the files of rows have got to.
type rotation struct {
	Sequence int64     `json:"sequence"`           // of the last file that was finished, or is being so
	Begun    time.Time `json:"begun,omitzero"`     // when the first row went into the partial file
	Finish   string    `json:"finish,omitempty"`   // the name that the partial file is being given
	Finished []string  `json:"finished,omitempty"` // files that are there, where only some are kept
}

// openSidecar reads the progress.
func openSidecar(fsys disk.FS, path string) (*sidecar, error) {
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
	s.begun = true
	return s, nil
}

// compare holds the progress against the size of the rows' file. Progress that
// vouches for more than is there is an error.
func (s *sidecar) compare(rows string, size int64) error {
	switch {
	case size >= s.content.Size:
		return nil
	case len(s.content.Sources) == 0: // no progress that could be wrong
		s.content.Size, s.begun = 0, false
		return nil
	}
	return fmt.Errorf("%s has %d bytes, but %s vouches for %d of them: the rows were moved, removed or cut; "+
		"put them back, or remove %s to read the sources from their start", rows, size, s.path, s.content.Size, s.path)
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

// store writes what has moved. The rows up to size must be durable. Where
// nothing has moved, because no source has progress, it writes only now and
// then: what of the rows is vouched for need not be looked at after a crash.
func (s *sidecar) store(size int64, now time.Time) error {
	if len(s.moved) == 0 && size-s.content.Size < checkpointBytes {
		return nil
	}
	return s.change(now, func(c *content) { c.Size = size })
}

// change writes what has moved and what alter does to the rest, in one step.
func (s *sidecar) change(now time.Time, alter func(*content)) error {
	next := s.content
	next.Sources = append([]progress.Stored{}, s.content.Sources...)
	if s.content.Rotation != nil {
		next.Rotation = new(*s.content.Rotation)
	}
	for i := range s.moved {
		stored := progress.Store(&s.moved[i], s.fence.Last(&s.moved[i])+1, now)
		same := func(q progress.Stored) bool { return q.Source == stored.Source }
		if j := slices.IndexFunc(next.Sources, same); j >= 0 {
			next.Sources[j] = stored
		} else {
			next.Sources = append(next.Sources, stored)
		}
	}
	alter(&next)
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

// begin notes, before the first row goes into a file, what of it is not ours;
// size is its length. What has moved waits for the rows.
func (s *sidecar) begin(size int64, now time.Time) error {
	r := s.content.Rotation
	if s.begun && (r == nil || !r.Begun.IsZero()) {
		return nil
	}
	next := s.content
	if !s.begun {
		next.Size = size
		next.Sources = []progress.Stored{}
	}
	if r != nil {
		next.Rotation = new(*r)
		next.Rotation.Begun = now.UTC().Truncate(time.Second)
	}
	return s.replace(next)
}

// ours implements disk.Ours for the rows.
func (s *sidecar) ours(start int64, _ []byte) bool { return s.begun && start >= s.content.Size }

// vouched returns up to where the rows are known to be whole.
func (s *sidecar) vouched() int64 {
	if !s.begun {
		return 0
	}
	return s.content.Size
}
