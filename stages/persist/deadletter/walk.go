package deadletter

import (
	"context"

	"sluice/pipeline"
)

// Walk is Store.Each, letters whole, for a visitor that takes its time: it reads a page
// at a time and holds nothing of the store while visit is at work. A table that is
// read for hours keeps its database from giving up what was changed since. Letters that
// come meanwhile are left out, those that go may be.
func Walk(ctx context.Context, s Store, f pipeline.LetterFilter, visit func(*Stored) error) error {
	if _, file := s.(*FileStore); file { // which holds nothing, and finds no place again
		return s.Each(ctx, f, true, visit)
	}
	var err error
	if f.UpTo, err = lastID(ctx, s, f); err != nil {
		return err
	}
	for left := f.Limit; f.UpTo > f.After; {
		f.Limit = pageLetters
		if left > 0 {
			f.Limit = min(left, pageLetters)
		}
		page, err := readPage(ctx, s, f)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := visit(&page[i]); err != nil {
				return unlessEnough(err)
			}
		}
		if left > 0 {
			if left -= len(page); left <= 0 {
				return nil
			}
		}
		f.After = page[len(page)-1].ID
	}
	return nil
}

// lastID returns the highest id of the letters of a filter, 0 for none.
func lastID(ctx context.Context, s Store, f pipeline.LetterFilter) (last int64, err error) {
	counts, err := s.Stats(ctx, f)
	for _, c := range counts {
		last = max(last, c.MaxID)
	}
	return last, err
}

// readPage reads letters, and no more when they are large.
func readPage(ctx context.Context, s Store, f pipeline.LetterFilter) (page []Stored, err error) {
	bytes := 0
	err = s.Each(ctx, f, true, func(l *Stored) error {
		page = append(page, *l)
		if bytes += len(l.Record); bytes >= pageBytes {
			return ErrEnough
		}
		return nil
	})
	return page, err
}
