package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"
)

// trailSize is how many bytes before a place in a plain file prove the place.
const trailSize = 1 << 10

// wholeMark begins a mark that is made of everything before the place.
const wholeMark = "all:"

// trail is what stands before a place in a stream, as far as it is needed to
// prove the place: the last trailSize bytes, and for a compressed stream a
// checksum of all bytes. A compressed stream is decompressed from its start in any
// case; and what gzip and zstd say about damage they say at the end of a member
// or frame, when damaged bytes far before are taken already. The checksum of all
// tells such a file from the one that replaces it.
//
// It is CRC-32 with two polynomials, 64 bits in all that no damage of up to 64
// bits in a row escapes. Processors have instructions for both: they take about
// a tenth of the time of decompressing, where SHA-256 takes as long again.
type trail struct {
	bytes            [trailSize]byte
	len              int
	whole            bool // the checksums are kept
	ieee, castagnoli uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Write implements io.Writer; it never fails.
func (t *trail) Write(p []byte) (int, error) {
	if t.whole {
		t.ieee = crc32.Update(t.ieee, crc32.IEEETable, p)
		t.castagnoli = crc32.Update(t.castagnoli, castagnoli, p)
	}
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

// mark returns the proof of what stands before, in hex: "all:" and the checksums
// of all bytes, or the SHA-256 of the last ones.
func (t *trail) mark() string {
	if t.whole {
		return fmt.Sprintf("%s%08x%08x", wholeMark, t.ieee, t.castagnoli)
	}
	return t.tailMark()
}

func (t *trail) tailMark() string {
	sum := sha256.Sum256(t.bytes[:t.len])
	return hex.EncodeToString(sum[:])
}

// proves says whether the mark, of either kind, is that of what stands before.
// One of all bytes needs a trail of all bytes.
func (t *trail) proves(mark string) bool {
	if isWhole(mark) {
		return t.mark() == mark
	}
	return t.tailMark() == mark
}

func isWhole(mark string) bool { return strings.HasPrefix(mark, wholeMark) }

// inLine says whether the stream ends inside a line.
func (t *trail) inLine() bool { return t.len > 0 && t.bytes[t.len-1] != '\n' }
