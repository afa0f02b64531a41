package ingest

import (
	"crypto/sha256"
	"encoding/hex"
)

// trailSize is how many bytes before a place in a source prove the place.
const trailSize = 1 << 10

// trail holds the last trailSize bytes of a stream.
type trail struct {
	bytes [trailSize]byte
	len   int
}

// Write implements io.Writer; it never fails.
func (t *trail) Write(p []byte) (int, error) {
	if len(p) >= trailSize {
		t.len = copy(t.bytes[:], p[len(p)-trailSize:])
		return len(p), nil
	}
	if over := t.len + len(p) - trailSize; over > 0 {
		t.len = copy(t.bytes[:], t.bytes[over:t.len])
	}
	t.len += copy(t.bytes[t.len:], p)
	return len(p), nil
}

// mark returns the proof of what the trail holds: its SHA-256 in hex.
func (t *trail) mark() string {
	sum := sha256.Sum256(t.bytes[:t.len])
	return hex.EncodeToString(sum[:])
}

// inLine says whether the stream ends inside a line.
func (t *trail) inLine() bool { return t.len > 0 && t.bytes[t.len-1] != '\n' }
