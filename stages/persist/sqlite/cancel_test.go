package sqlite

import (
	"context"
	"errors"
	"testing"
	"time"

	"sluice/pipeline"
)

// The end of the context interrupts the connection, and must not keep it from
// rolling back.
func TestAWriteThatIsCancelledInTheMiddleIsUndone(t *testing.T) {
	cfg := testConfig(t, numberColumn, "", "")
	ctx, cancel := context.WithCancelCause(t.Context())
	now := cfg.Now
	cfg.Now = func() time.Time { // the clock is asked when the rows are in
		cancel(pipeline.ErrAborted)
		return now()
	}
	d := mustOpen(t, cfg)
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`)}, Progress: moved(1)}
	if settled, err := d.Write(ctx, g); settled || !errors.Is(err, pipeline.ErrAborted) || pipeline.IsTransient(err) {
		t.Fatalf("settled %v, %v", settled, err)
	}
	if !d.conn.AutocommitEnabled() {
		t.Error("the transaction is open")
	}
	g = &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":2}`)}, Progress: moved(2)}
	if settled, err := d.Write(t.Context(), g); !settled || err != nil {
		t.Fatalf("settled %v, %v", settled, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT n FROM events`), "2")
}
