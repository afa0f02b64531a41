package pipeline

import (
	"context"
	"sync"
)

// gate lets goroutines through while it is open. The zero gate is open.
type gate struct {
	mu     sync.Mutex    // guards what follows
	closed chan struct{} // not nil while the gate is shut; closed when it opens
}

// shut makes wait block.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed == nil {
		g.closed = make(chan struct{})
	}
}

// open lets everybody through who waits, and whoever comes.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed != nil {
		close(g.closed)
		g.closed = nil
	}
}

// wait blocks while the gate is shut; it returns the context's cause when that
// ends first.
func (g *gate) wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		closed := g.closed
		g.mu.Unlock()
		if closed == nil {
			return nil
		}
		select {
		case <-closed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
