package deadletter

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"sluice/pipeline"
)

// FileStore reads a file of dead letters, which a pipeline may be writing. It cannot
// take letters out: Delete is ErrReadOnly.
type FileStore struct{ path string }

// OpenFile opens the file at path; one that is absent has no letters.
func OpenFile(path string) *FileStore { return &FileStore{path} }

// Each implements Store. Half a letter at the end, which is being written, is
// left out.
func (s *FileStore) Each(ctx context.Context, f pipeline.LetterFilter, whole bool, visit func(*Stored) error) error {
	file, err := os.Open(s.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read dead letters: %w", err)
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	left := f.Limit
	for number := int64(1); !beyond(&f, number); number++ {
		text, err := lines.ReadBytes('\n')
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read dead letters: %w", err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case len(bytes.TrimSpace(text)) == 0:
			continue
		}
		letter, err := parseLine(text)
		if err != nil {
			return fmt.Errorf("read dead letters: line %d of %s is no dead letter: %w", number, s.path, err)
		}
		letter.ID = number
		if !matches(&f, &letter) {
			continue
		}
		if !whole {
			letter.Record, letter.Encoding, letter.Errors = "", "", ""
		}
		if err := visit(&letter); err != nil {
			return unlessEnough(err)
		}
		if left--; left == 0 {
			return nil
		}
	}
	return nil
}

// beyond says whether no letter from this line on is of the filter.
func beyond(f *pipeline.LetterFilter, line int64) bool {
	return len(f.IDs) > 0 && line > slices.Max(f.IDs) || f.UpTo > 0 && line > f.UpTo
}

// parseLine reads a line of the file. Half a letter may stand before a whole one:
// what one process left torn while another had the file open. It is passed over, for
// the record behind it comes again.
func parseLine(text []byte) (Stored, error) {
	letter, err := Parse(text)
	if err == nil {
		return letter, nil
	}
	if i := bytes.LastIndex(text, []byte(letterStart)); i > 0 { // inside a letter its quotes are escaped
		return Parse(text[i:])
	}
	return Stored{}, err
}

func unlessEnough(err error) error {
	if errors.Is(err, ErrEnough) {
		return nil
	}
	return err
}

// Stats implements Store.
func (s *FileStore) Stats(ctx context.Context, f pipeline.LetterFilter) ([]pipeline.LetterCount, error) {
	type key struct{ stage, code, lane string }
	counts := map[key]*pipeline.LetterCount{}
	err := s.Each(ctx, f, false, func(l *Stored) error {
		k := key{l.Stage, l.Code, l.Lane}
		c := counts[k]
		if c == nil {
			c = &pipeline.LetterCount{Stage: l.Stage, Code: l.Code, Lane: l.Lane, First: l.At, Last: l.At}
			counts[k] = c
		}
		c.Count++
		c.MaxID = l.ID
		c.First, c.Last = min(c.First, l.At), max(c.Last, l.At)
		return nil
	})
	var all []pipeline.LetterCount
	for _, c := range counts {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b pipeline.LetterCount) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Lane, b.Lane))
	})
	return all, err
}

// Delete implements Store: it refuses.
func (s *FileStore) Delete(context.Context, pipeline.LetterFilter) (int64, error) {
	return 0, fmt.Errorf("%s: %w", s.path, ErrReadOnly)
}

// Close implements Store.
func (s *FileStore) Close() error { return nil }

var _ Store = (*FileStore)(nil)
