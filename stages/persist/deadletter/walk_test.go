package deadletter

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sluice/pipeline"
)

// largeLetters is a store of letters of some size each, numbered from 1. It says
// whether it is being read.
type largeLetters struct {
	Store
	size, count int
	read        *bool
}

func (l largeLetters) Each(_ context.Context, f pipeline.LetterFilter, _ bool, visit func(*Stored) error) error {
	*l.read = true
	defer func() { *l.read = false }()
	letter := Stored{Letter: Letter{Record: strings.Repeat("x", l.size)}}
	for n := 0; n < f.Limit || f.Limit == 0; n++ {
		letter.ID = f.After + int64(n) + 1
		if letter.ID > int64(l.count) || f.UpTo > 0 && letter.ID > f.UpTo {
			return nil
		}
		if err := visit(&letter); err != nil {
			return unlessEnough(err)
		}
	}
	return nil
}

func (l largeLetters) Stats(_ context.Context, f pipeline.LetterFilter) ([]pipeline.LetterCount, error) {
	return []pipeline.LetterCount{{MaxID: int64(l.count) - 1}}, nil // one comes afterwards
}

func TestAWalkVisitsEachLetterOnceWhileNothingIsRead(t *testing.T) {
	enough := errors.New("of the visitor")
	for name, c := range map[string]struct {
		size, count int
		filter      pipeline.LetterFilter
		first, last int64
		ends        error
	}{
		"many":             {10, 2000, pipeline.LetterFilter{}, 1, 1999, nil},
		"large ones":       {pageBytes, 5, pipeline.LetterFilter{}, 1, 4, nil},
		"so many":          {10, 2000, pipeline.LetterFilter{Limit: 700, After: 100}, 101, 800, nil},
		"none":             {10, 1, pipeline.LetterFilter{}, 1, 0, nil},
		"until it says so": {10, 2000, pipeline.LetterFilter{}, 1, 300, ErrEnough},
		"until it fails":   {10, 2000, pipeline.LetterFilter{}, 1, 300, enough},
	} {
		t.Run(name, func(t *testing.T) {
			s := largeLetters{size: c.size, count: c.count, read: new(bool)}
			next := c.first
			err := Walk(t.Context(), s, c.filter, func(l *Stored) error {
				if *s.read || l.ID != next {
					t.Fatalf("letter %d, expected %d; it is being read: %v", l.ID, next, *s.read)
				}
				if next++; c.ends != nil && l.ID == c.last {
					return c.ends
				}
				return nil
			})
			if want := c.ends; next != c.last+1 || want == ErrEnough && err != nil || want != ErrEnough && !errors.Is(err, want) {
				t.Errorf("up to %d, expected %d; %v", next-1, c.last, err)
			}
		})
	}
}

func TestAPageIsOfSoMuchAndNoMore(t *testing.T) {
	for name, c := range map[string]struct{ size, count, want int }{
		"few":                    {100, 7, 7},
		"more than a page":       {100, 1000, pageLetters},
		"large ones":             {pageBytes / 4, 1000, 4},
		"larger than any buffer": {10 * pageBytes, 1000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := largeLetters{size: c.size, count: c.count, read: new(bool)}
			page, err := readPage(t.Context(), s, pipeline.LetterFilter{Limit: pageLetters})
			if err != nil || len(page) != c.want {
				t.Errorf("%d letters, expected %d (%v)", len(page), c.want, err)
			}
		})
	}
}
