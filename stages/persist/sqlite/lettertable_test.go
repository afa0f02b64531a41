package sqlite

import (
	"context"
	"errors"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// Whoever asked before may have gone away in the middle.
func TestTheEndOfOneRequestDoesNotInterruptTheNext(t *testing.T) {
	cfg := testConfig(t, numberColumn, "", "")
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"n":"x"}`))
	letters, err := OpenLetters(cfg.Path, cfg.Table)
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the client went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	none := func(*deadletter.Stored) error { return nil }
	for name, ask := range map[string]func(context.Context) error{
		"each":   func(ctx context.Context) error { return letters.Each(ctx, pipeline.LetterFilter{}, true, none) },
		"stats":  func(ctx context.Context) error { _, err := letters.Stats(ctx, pipeline.LetterFilter{}); return err },
		"delete": func(ctx context.Context) error { _, err := letters.Delete(ctx, pipeline.LetterFilter{}); return err },
	} {
		if err := ask(ctx); !errors.Is(err, gone) {
			t.Errorf("%s of one who has gone: got %v", name, err)
		}
		if err := ask(t.Context()); err != nil {
			t.Errorf("%s after that: %v", name, err)
		}
	}
	if err := errors.Join(letters.Close(), d.Close()); err != nil {
		t.Error(err)
	}
}
