package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/pipeline"
)

// defaultService is the time of a stage for a record that sluice check reckons
// with: the order of what a schema and a few steps take.
const defaultService = 10 * time.Microsecond

// waits prints how long a batch can wait before each stage, lane by lane, when
// the stages take so long for a record.
func waits(w io.Writer, stages []pipeline.StageConfig, service time.Duration) {
	fmt.Fprintf(w, "\nthe longest wait in each lane, at %v a record (--service)\n", service)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }
	row("stage", "lane", "capacity", "full mode", "records before", "longest wait")
	for _, s := range stages {
		s = s.WithDefaults()
		for l, lane := range s.Lanes {
			before, wait := "-", "none"
			if n, ok := s.RecordsBefore(pipeline.Lane(l)); ok {
				before = humanize.Comma(n)
			}
			if d, ok := s.LongestWait(pipeline.Lane(l), service); ok {
				wait = roundUp(d).String()
			}
			name := ""
			if l == 0 {
				name = s.Name
			}
			row(name, pipeline.Lane(l).String(), humanize.Comma(int64(lane.Capacity)), string(lane.Full), before, wait)
		}
	}
	_ = t.Flush() // the text it goes into takes everything
}

// roundUp leaves a duration three or four digits, so that it is still a bound.
func roundUp(d time.Duration) time.Duration {
	unit := time.Nanosecond
	for d/unit >= 10_000 {
		unit *= 10
	}
	return (d + unit - 1) / unit * unit
}
