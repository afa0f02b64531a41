package deadletter

import (
	"context"
	"errors"
	"strings"
	"testing"

	"sluice/pipeline"
)

// largeLetters is a store of letters of some size each.
type largeLetters struct {
	Store
	size, count int
}

func (l largeLetters) Each(_ context.Context, f pipeline.LetterFilter, _ bool, visit func(*Stored) error) error {
	letter := Stored{Letter: Letter{Record: strings.Repeat("x", l.size)}}
	for letter.ID = f.After + 1; letter.ID <= int64(min(l.count, f.Limit)); letter.ID++ {
		if err := visit(&letter); err != nil {
			if errors.Is(err, ErrEnough) {
				return nil
			}
			return err
		}
	}
	return nil
}

func TestAReplayReadsSoMuchAtOnceAndNoMore(t *testing.T) {
	for name, c := range map[string]struct{ size, count, want int }{
		"few":                    {100, 7, 7},
		"more than a page":       {100, 1000, pageLetters},
		"large ones":             {pageBytes / 4, 1000, 4},
		"larger than any buffer": {10 * pageBytes, 1000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := Replay{Store: largeLetters{size: c.size, count: c.count}}
			page, err := r.read(t.Context(), pipeline.LetterFilter{Limit: pageLetters})
			if err != nil || len(page) != c.want {
				t.Errorf("%d letters, expected %d (%v)", len(page), c.want, err)
			}
		})
	}
}
