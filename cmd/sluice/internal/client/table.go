package client

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/cmd/sluice/internal/summary"
	"sluice/control"
	"sluice/pipeline"
)

// Who names the process that a status is of.
func Who(s control.Status) string {
	return fmt.Sprintf("sluice %s (instance %s, pid %d)", orNone(s.Version), orNone(s.Instance), s.PID)
}

// Brief says in one line where a run stands.
func Brief(s control.Status) string {
	text := fmt.Sprintf("%s; run %d: accepted %s, persisted %s, dead %s, in flight %s", s.State, s.Runs,
		humanize.Comma(s.Ledger.Accepted), humanize.Comma(s.Ledger.Persisted), humanize.Comma(s.Ledger.Dead), humanize.Comma(s.Ledger.InFlight))
	if s.Ledger.Left > 0 {
		text += ", left " + humanize.Comma(s.Ledger.Left)
	}
	return text
}

// Write writes a status as tables for a person, as it is at the time now.
func Write(w io.Writer, s control.Status, now time.Time) error {
	var b strings.Builder
	run(&b, s, now)
	ledger(&b, s.Ledger)
	if len(s.Stages) > 0 {
		b.WriteByte('\n')
		stages(&b, s.Stages)
	}
	if s.Followed != nil {
		b.WriteByte('\n')
		followed(&b, s.Followed)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func run(b *strings.Builder, s control.Status, now time.Time) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(b, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("state", "%s since %s (%s), run %d", s.State, s.Since.Local().Format(time.DateTime), ago(now, s.Since), s.Runs)
	if paused := pausedStages(s.Stages); paused != "" {
		line("paused", "%s", paused)
	}
	line("bottleneck", "%s", orNone(s.Bottleneck))
	if held := heldLanes(s.Rate); held != "" {
		line("rate limit", "%s", held)
	}
	if s.LastRecord != nil {
		line("last record", "%s ago", ago(now, *s.LastRecord))
	}
	if s.LastError != "" {
		line("last error", "%s", s.LastError)
	}
	for _, text := range waiting(s, now) {
		line("waiting", "%s", text)
	}
}

// heldLanes names the lanes whose senders a rate limit has held.
func heldLanes(r *control.Rate) string {
	if r == nil {
		return ""
	}
	var lanes []string
	for _, lane := range r.Lanes {
		if lane.HeldS > 0 {
			lanes = append(lanes, fmt.Sprintf("%s held %s, %d waiting", lane.Lane,
				summary.Elapsed(time.Duration(lane.HeldS*float64(time.Second))), lane.Waiting))
		}
	}
	return strings.Join(lanes, "; ")
}

func pausedStages(stages []control.Stage) string {
	var names []string
	for _, stage := range stages {
		if stage.Paused {
			names = append(names, stage.Name)
		}
	}
	return strings.Join(names, ", ")
}

func ledger(b *strings.Builder, c pipeline.Counts) {
	terms := []struct {
		name string
		n    int64
	}{
		{"accepted", c.Accepted}, {"persisted", c.Persisted}, {"dead", c.Dead}, {"dropped", c.Dropped},
		{"filtered", c.Filtered}, {"left", c.Left}, {"in flight", c.InFlight},
	}
	b.WriteByte('\n')
	width := len(humanize.Comma(c.Accepted))
	for _, term := range terms {
		fmt.Fprintf(b, "%-12s %*s\n", term.name, width, humanize.Comma(term.n))
	}
}

func stages(b *strings.Builder, stages []control.Stage) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	columns := laneColumns(stages)
	cells := []string{"stage", "workers", "busy", "idle", "blocked"}
	for _, c := range columns {
		cells = append(cells, c.name)
	}
	row(cells...)
	for _, stage := range stages {
		cells := []string{stage.Name, fmt.Sprint(stage.Workers), percent(stage.Busy), percent(stage.Idle), percent(stage.Blocked)}
		for _, lane := range stage.Lanes {
			for _, c := range columns {
				cells = append(cells, c.cell(lane))
			}
			row(cells...)
			cells = []string{"", "", "", "", ""}
		}
	}
	_ = t.Flush() // a strings.Builder takes everything
}

// laneColumn is one column about lanes.
type laneColumn struct {
	name string
	cell func(control.Lane) string
}

// laneColumns are those that say something: the full mode stands there when some
// lane does not just wait, what was dropped when anything was.
func laneColumns(stages []control.Stage) []laneColumn {
	modes, drops := false, false
	for _, stage := range stages {
		for _, lane := range stage.Lanes {
			modes = modes || lane.Full != "" && lane.Full != pipeline.FullWait
			drops = drops || lane.Dropped > 0
		}
	}
	columns := []laneColumn{
		{"lane", func(l control.Lane) string { return l.Lane }},
		{"depth", func(l control.Lane) string { return humanize.Comma(int64(l.Depth)) }},
		{"capacity", func(l control.Lane) string { return humanize.Comma(int64(l.Capacity)) }},
	}
	if modes {
		columns = append(columns, laneColumn{"full", func(l control.Lane) string { return string(l.Full) }})
	}
	columns = append(columns, laneColumn{"oldest", age})
	if drops {
		columns = append(columns, laneColumn{"dropped", func(l control.Lane) string { return humanize.Comma(l.Dropped) }})
	}
	return columns
}

func percent(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

func age(lane control.Lane) string {
	if lane.Depth == 0 {
		return "-"
	}
	return summary.Elapsed(time.Duration(lane.OldestAgeS * float64(time.Second)))
}

// ago is how long ago a moment was; clocks of two machines may differ.
func ago(now, then time.Time) string { return summary.Elapsed(max(0, now.Sub(then))) }

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
