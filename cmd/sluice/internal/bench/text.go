package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
)

// Text writes the report for a person.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	r.head(&b)
	table(&b, func(row func(cells ...string)) { r.lanesTable(row) })
	b.WriteByte('\n')
	table(&b, func(row func(cells ...string)) { r.latencyTable(row) })
	b.WriteByte('\n')
	table(&b, func(row func(cells ...string)) { r.stagesTable(row) })
	fmt.Fprintf(&b, "%-12s %s\n\n", "bottleneck", orDash(r.Bottleneck))
	table(&b, func(row func(cells ...string)) { r.channelsTable(row) })
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) head(b *strings.Builder) {
	fmt.Fprintf(b, "%-12s %s records/s in, %s records/s out, in %.2f s\n", "throughput", count(r.InPerS), count(r.OutPerS), r.ElapsedS)
	if r.CapacityPerS > 0 {
		fmt.Fprintf(b, "%-12s %s records/s (1x)\n", "capacity", count(r.CapacityPerS))
	}
	if r.PeakRSS > 0 {
		fmt.Fprintf(b, "%-12s %s at its peak, the records to send included\n", "memory", humanize.IBytes(uint64(r.PeakRSS)))
	}
	fmt.Fprintf(b, "%-12s %s\n\n", "sink", r.Sink)
}

func (r Report) lanesTable(row func(...string)) {
	row("lane", "rate/s", "offered", "accepted", "persisted", "dead", "dropped", "filtered", "left", "out/s")
	for _, l := range r.Lanes {
		rate := "max"
		if l.Rate > 0 {
			rate = count(l.Rate)
		}
		row(l.Lane.String(), rate, humanize.Comma(l.Offered), humanize.Comma(l.Accepted), humanize.Comma(l.Persisted),
			humanize.Comma(l.Dead), humanize.Comma(l.Dropped), humanize.Comma(l.Filtered), humanize.Comma(l.Left), count(l.OutPerS))
	}
}

func (r Report) latencyTable(row func(...string)) {
	row("latency", "p50", "p90", "p99", "p99.9", "max", "since", "sender late p50", "p99")
	for _, l := range r.Lanes {
		t := l.Latency
		row(l.Lane.String(), ms(t.P50), ms(t.P90), ms(t.P99), ms(t.P999), ms(t.Max), t.Since, late(l, l.Late.P50), late(l, l.Late.P99))
	}
}

func (r Report) stagesTable(row func(...string)) {
	row("stage", "workers", "busy", "idle", "blocked")
	for _, s := range r.Stages {
		row(s.Name, fmt.Sprint(s.Workers), percent(s.Busy), percent(s.Idle), percent(s.Blocked))
	}
	row("sink", "1", percent(r.SinkBusy), percent(1-r.SinkBusy), "-")
}

func (r Report) channelsTable(row func(...string)) {
	row("before", "lane", "longest wait", "bound", "deepest", fmt.Sprintf("depth, %.1f s", r.ElapsedS))
	for _, s := range r.Stages {
		for _, c := range s.Lanes {
			bound := "none"
			if c.BoundMS != nil {
				bound = ms(*c.BoundMS)
			}
			row(s.Name, c.Lane.String(), ms(c.LongestWaitMS), bound,
				fmt.Sprintf("%s of %s", humanize.Comma(int64(c.Deepest)), humanize.Comma(int64(c.Capacity))), sparkline(c.Depth, c.Capacity, chartWidth))
		}
	}
}

// table writes rows with aligned columns.
func table(b *strings.Builder, fill func(row func(cells ...string))) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fill(func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) })
	_ = w.Flush() // a strings.Builder takes everything
}

func count(v float64) string { return humanize.Comma(int64(v + 0.5)) }

func percent(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// ms writes milliseconds with three digits or so.
func ms(v float64) string {
	switch {
	case v >= 10_000:
		return fmt.Sprintf("%.1f s", v/1000)
	case v >= 100:
		return fmt.Sprintf("%.0f ms", v)
	case v >= 10:
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.2f ms", v)
}

// late writes how late a lane's sender was; one that never waited was not.
func late(l Lane, v float64) string {
	if l.Late.Count == 0 {
		return "-"
	}
	return ms(v)
}
