package telemetry

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestACollectorThatIsDownIsNamedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		w := &warner{tell: func(s string) { told = append(told, s) }}
		for range 150 { // two and a half minutes
			w.Handle(errors.New("connection refused"))
			time.Sleep(time.Second) // the bubble's clock
		}
		want := []string{
			"metrics: connection refused; records are not affected",
			"metrics: connection refused; records are not affected (59 more errors since the last warning)",
			"metrics: connection refused; records are not affected (59 more errors since the last warning)",
		}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

func TestWarningsMayBeLeftOut(t *testing.T) {
	(&warner{}).Handle(errors.New("connection refused"))
	(&warner{tell: func(s string) { t.Errorf("told %q for no error", s) }}).Handle(nil)
}
