package telemetry

import (
	"fmt"
	"sync"
	"time"
)

// WarnInterval is the least time between two warnings about exports: a collector
// that is down is named once a minute, however often it is tried.
const WarnInterval = time.Minute

// warner turns errors of the SDK into warnings, few of them. Any goroutine may
// use it.
type warner struct {
	tell func(string) // may be nil

	mu         sync.Mutex // guards what follows
	last       time.Time  // of the last warning; zero before the first
	suppressed int        // errors since
}

// Handle implements otel.ErrorHandler.
func (w *warner) Handle(err error) {
	if err == nil {
		return
	}
	if text, ok := w.text(err); ok {
		w.say(text)
	}
}

// say warns at once: for what is said only at the start.
func (w *warner) say(text string) {
	if w.tell != nil {
		w.tell("metrics: " + text)
	}
}

// text returns the warning for an error, unless the last one is too young.
func (w *warner) text(err error) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.last.IsZero() && now.Sub(w.last) < WarnInterval {
		w.suppressed++
		return "", false
	}
	text := fmt.Sprintf("%v; records are not affected", err)
	if w.suppressed > 0 {
		text += fmt.Sprintf(" (%d more errors since the last warning)", w.suppressed)
	}
	w.last, w.suppressed = now, 0
	return text, true
}

// Println implements promhttp.Logger.
func (w *warner) Println(v ...any) { w.Handle(fmt.Errorf("serve /metrics: %s", fmt.Sprint(v...))) }
