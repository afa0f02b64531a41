package summary

import (
	"fmt"
	"io"
	"sync"
)

// Console writes lines for a person and, on a terminal, one live line below
// them that is drawn again and again. Safe for concurrent use.
type Console struct {
	mu   sync.Mutex // guards what follows
	w    io.Writer
	live string
}

// NewConsole returns a console on w.
func NewConsole(w io.Writer) *Console { return &Console{w: w} }

// erase takes the cursor to the start of the line and clears it.
const erase = "\r\x1b[K"

// Notef writes one line, above the live line. An error of the writer is
// dropped: there is nobody left to tell.
func (c *Console) Notef(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := fmt.Sprintf(format, args...) + "\n"
	if c.live != "" {
		text = erase + text + c.live
	}
	_, _ = io.WriteString(c.w, text)
}

// Write implements io.Writer for text of whole lines. It takes everything: an error
// of the writer is dropped, as Notef's is.
func (c *Console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := string(p)
	if c.live != "" {
		text = erase + text + c.live
	}
	_, _ = io.WriteString(c.w, text)
	return len(p), nil
}

// draw replaces the live line; an empty one takes it away.
func (c *Console) draw(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == "" && line == "" {
		return
	}
	c.live = line
	_, _ = io.WriteString(c.w, erase+line)
}
