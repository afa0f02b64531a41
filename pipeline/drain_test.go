package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStopDrainsSoftThenHardThenAbandons(t *testing.T) {
	for _, tc := range []struct {
		name string
		sink *memorySink
		hang bool
		want error
		took time.Duration
		left bool
	}{
		{"a prompt pipeline drains", &memorySink{delay: time.Second}, false, ErrStopped, 0, false},
		{"a hanging sink is cancelled after the budget", &memorySink{}, true, ErrDrainTimeout, 10 * time.Second, true},
		{"one that ignores this is abandoned after the grace", &memorySink{ignores: true}, true, ErrAbandoned, 13 * time.Second, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				sink := tc.sink
				if tc.hang {
					sink.hang = release
				}
				p := build(t, Config{Sink: sink, DrainTimeout: 10 * time.Second, Grace: 3 * time.Second, Stages: []StageConfig{{Name: "s"}}})
				ctx, cancel := context.WithCancelCause(t.Context())
				hold := make(chan struct{})
				stopped := time.Now()
				src := &linesSource{lines: numbered("n", 2000), hold: hold, after: func(i int) {
					if i == 19 {
						stopped = time.Now()
						cancel(ErrStopped)
					}
				}}
				err := p.Run(ctx, src)
				if !errors.Is(err, tc.want) {
					t.Errorf("Run returned %v, want %v", err, tc.want)
				}
				if took := time.Since(stopped); tc.took > 0 && took != tc.took {
					t.Errorf("the stop took %v, want %v", took, tc.took)
				}
				l := wantClosed(t, p)
				if l.Accepted != 2000 || tc.left != (l.Left > 0) {
					t.Errorf("accepted %d and left %d", l.Accepted, l.Left)
				}
				if tc.want == ErrAbandoned && !strings.Contains(err.Error(), "sink") {
					t.Errorf("%q does not name who was abandoned", err)
				}
				if sink.ignores {
					close(release)
					synctest.Wait()
					if late := wantClosed(t, p); late.Persisted != l.Persisted {
						t.Errorf("an abandoned sink settled %d records after the end", late.Persisted-l.Persisted)
					}
				}
			})
		})
	}
}
