package summary

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/pipeline"
)

// Place is where a run's rows or dead letters are.
type Place struct {
	Where string // such as: table events in events.db
	Query string // the command that shows them; "" where there is none
}

// Text is what a person is told at the end of a run.
type Text struct {
	Report      Report
	Examples    *Examples
	Rows        Place
	DeadLetters Place
	Done        []string // files of which an earlier run had settled everything
	Sources     int      // inputs, done ones included
}

// Write writes the text.
func (t Text) Write(w io.Writer) error {
	var b strings.Builder
	for _, name := range t.Done {
		fmt.Fprintf(&b, "%s: already done, 0 new (--from-start reads it again)\n", name)
	}
	if t.Sources == 0 || len(t.Done) < t.Sources {
		t.counts(&b)
	}
	t.places(&b)
	t.dead(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (t Text) counts(b *strings.Builder) {
	r := t.Report
	rows := []struct {
		name string
		n    int64
		note string
	}{
		{"accepted", r.Accepted, fmt.Sprintf("in %s, %s records/s", Elapsed(seconds(r.ElapsedS)), humanize.Comma(int64(r.RecordsPerS)))},
		{"persisted", r.Persisted, ""},
		{"dead", r.Dead, ""},
		{"filtered", r.Filtered, ""},
		{"dropped", r.Dropped, ""},
		{"left", r.Left, ""},
		{"in flight", r.InFlight, ""},
	}
	width := len(humanize.Comma(r.Accepted))
	for _, row := range rows {
		if row.n == 0 && (row.name == "dropped" || row.name == "in flight") {
			continue
		}
		line := fmt.Sprintf("%-10s %*s  %s", row.name, width, humanize.Comma(row.n), row.note)
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
	t.bottleneck(b)
}

func (t Text) bottleneck(b *strings.Builder) {
	switch name := t.Report.Bottleneck; name {
	case "":
	case pipeline.BottleneckSource:
		fmt.Fprintf(b, "%-13s %s: the stages mostly waited for input\n", "bottleneck", name)
	case pipeline.BottleneckRate:
		fmt.Fprintf(b, "%-13s %s: a limit under source held the input back\n", "bottleneck", name)
	default:
		fmt.Fprintf(b, "%-13s %s\n", "bottleneck", name)
	}
}

func (t Text) places(b *strings.Builder) {
	show := func(name string, p Place) {
		if p.Where == "" {
			return
		}
		fmt.Fprintf(b, "%-13s %s\n", name, p.Where)
		if p.Query != "" {
			fmt.Fprintf(b, "%-13s %s\n", "", p.Query)
		}
	}
	show("rows", t.Rows)
	if t.Report.Dead > 0 {
		show("dead letters", t.DeadLetters)
	}
}

// dead shows the dead letters by code, the most frequent first, with examples.
func (t Text) dead(b *strings.Builder) {
	counts := t.Report.DeadByCode
	codes := slices.SortedFunc(maps.Keys(counts), func(x, y pipeline.Code) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	})
	for _, code := range codes {
		fmt.Fprintf(b, "  %s %s\n", code, humanize.Comma(counts[code]))
		if t.Examples == nil {
			continue
		}
		for _, e := range t.Examples.Of(code) {
			fmt.Fprintf(b, "    %s\n", t.example(e))
		}
	}
}

func (t Text) example(e Example) string {
	place := fmt.Sprintf("line %d", e.Line)
	if t.Sources > 1 {
		place = e.Source + " " + place
	}
	if e.Pointer != "" && !strings.HasPrefix(e.Message, e.Pointer+" ") {
		place += " " + e.Pointer
	}
	return place + ": " + e.Message
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Elapsed writes a duration as a person says it: 0.84 s, 12 s, 3m 05s, 2h 10m.
func Elapsed(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}
