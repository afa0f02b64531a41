package pipeline

import (
	"context"
	"errors"
	"sync"
)

// Sources is several sources read side by side. It ends when all have ended,
// with their errors joined; one that fails stops the others.
type Sources []Source

// Run implements Source.
func (s Sources) Run(ctx context.Context, feed Feed) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errs := make([]error, len(s))
	var wg sync.WaitGroup
	for i, source := range s {
		wg.Go(func() {
			if errs[i] = source.Run(ctx, feed); errs[i] != nil {
				cancel(errs[i])
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
