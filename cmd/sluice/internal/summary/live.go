package summary

import (
	"time"

	"github.com/sourcegraph/conc"
)

// Interval is how often the live line is drawn.
const Interval = 250 * time.Millisecond

// Live draws the live line of a console until it is stopped.
type Live struct {
	console *Console
	width   func() int // of the terminal, in characters; 0 for no limit
	picture func() Picture
	stop    chan struct{}
	crew    conc.WaitGroup
}

// NewLive returns a live line that is not drawn yet.
func NewLive(c *Console, width func() int, picture func() Picture) *Live {
	return &Live{console: c, width: width, picture: picture, stop: make(chan struct{})}
}

// Start begins to draw, at once and then at every Interval.
func (l *Live) Start() {
	l.crew.Go(func() {
		tick := time.NewTicker(Interval)
		defer tick.Stop()
		var m meter
		for {
			l.console.draw(m.line(time.Now(), l.picture(), l.width()))
			select {
			case <-tick.C:
			case <-l.stop:
				l.console.draw("")
				return
			}
		}
	})
}

// Stop takes the line away and returns when nothing more is drawn. It is called
// once, after Start.
func (l *Live) Stop() {
	close(l.stop)
	l.crew.Wait()
}
