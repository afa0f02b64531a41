package summary

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/pipeline"
)

// Picture is what the live line shows at one moment.
type Picture struct {
	Status pipeline.Status
	Read   int64 // bytes of the input that were read
	Size   int64 // bytes of the input, -1 when unknown
}

// window is how many samples a rate is taken over: two seconds of them.
const window = 8

type sample struct {
	at       time.Time
	accepted int64
	read     int64
}

// meter turns pictures into the live line. For one goroutine.
type meter struct {
	samples []sample // the latest, at most window+1
}

// line adds a picture and returns the line, at most width characters.
func (m *meter) line(now time.Time, p Picture, width int) string {
	m.samples = append(m.samples, sample{now, p.Status.Ledger.Accepted, p.Read})
	if len(m.samples) > window+1 {
		m.samples = m.samples[1:]
	}
	first := m.samples[0]
	perSecond := func(n int64) float64 {
		if elapsed := now.Sub(first.at).Seconds(); elapsed > 0 {
			return float64(n) / elapsed
		}
		return 0
	}
	var b strings.Builder
	if p.Status.State == pipeline.StateDraining {
		b.WriteString("draining: ")
	}
	fmt.Fprintf(&b, "%s records  %s/s", humanize.Comma(p.Status.Ledger.Accepted),
		humanize.Comma(int64(perSecond(p.Status.Ledger.Accepted-first.accepted))))
	if dead := p.Status.Ledger.Dead; dead > 0 {
		fmt.Fprintf(&b, "  dead %s", humanize.Comma(dead))
	}
	b.WriteString("  waiting:")
	for _, s := range p.Status.Stages {
		fmt.Fprintf(&b, " %s %s", s.Name, humanize.Comma(depth(s)))
	}
	if p.Size > 0 {
		fmt.Fprintf(&b, "  %d%%", min(100, 100*p.Read/p.Size))
		if rate := perSecond(p.Read - first.read); rate > 0 && p.Read < p.Size {
			fmt.Fprintf(&b, "  %s left", Elapsed(seconds(float64(p.Size-p.Read)/rate)))
		}
	}
	return cut(b.String(), width)
}

// depth counts the records that wait before a stage.
func depth(s pipeline.StageStatus) int64 {
	var n int64
	for _, lane := range s.Lanes {
		n += int64(lane.Depth)
	}
	return n
}

// cut shortens a line so that it never wraps: a wrapped one cannot be drawn
// again.
func cut(line string, width int) string {
	if runes := []rune(line); width > 0 && len(runes) >= width {
		return string(runes[:width-1])
	}
	return line
}
