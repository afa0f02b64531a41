package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/dustin/go-humanize"
)

// MinSize is the least that a generated record can have: an id, a time and the
// other fields that every event has.
const MinSize = 160

// MaxSize is the most that a generated record can have.
const MaxSize = 16 << 20

// Sizes are the bytes of a generated record, each size between the two as likely
// as another; the zero Sizes leave a record as it comes.
type Sizes struct{ Min, Max int }

// ParseSizes reads --size: one size or a range, in bytes or with a unit.
func ParseSizes(text string) (Sizes, error) {
	if text == "" {
		return Sizes{}, nil
	}
	low, high, isRange := strings.Cut(text, "..")
	if !isRange {
		high = low
	}
	smallest, err := parseSize(low)
	if err != nil {
		return Sizes{}, err
	}
	largest, err := parseSize(high)
	if err != nil {
		return Sizes{}, err
	}
	if largest < smallest {
		return Sizes{}, fmt.Errorf("%q ends below where it starts", text)
	}
	return Sizes{smallest, largest}, nil
}

func parseSize(text string) (int, error) {
	n, err := humanize.ParseBytes(text)
	if err != nil || n > math.MaxInt32 {
		return 0, fmt.Errorf("%q; expected bytes such as 500 or 2KiB, or a range such as 200..2000", text)
	}
	if n < MinSize || n > MaxSize {
		return 0, fmt.Errorf("%s; generated records have %d bytes to %s, others come from a file with --sample", text, MinSize, humanize.IBytes(MaxSize))
	}
	return int(n), nil
}

// pick returns the size of one record, 0 for as it comes.
func (s Sizes) pick(r *rand.Rand) int {
	if s.Max == 0 {
		return 0
	}
	return s.Min + r.IntN(s.Max-s.Min+1)
}

// mean is the average size, for the room that records take.
func (s Sizes) mean() int {
	if s.Max == 0 {
		return 300
	}
	return (s.Min + s.Max) / 2
}
