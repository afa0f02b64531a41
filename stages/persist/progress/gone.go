package progress

import (
	"fmt"
	"strings"

	"sluice/pipeline"
)

// namedSources is how many sources a message names.
const namedSources = 5

// Restore is what a message adds that says that the table of the rows is gone in
// mid-run.
const Restore = " What was in it comes back only with the table itself, put back as it was, or from the sources, with a run --from-start."

// Vouching returns the progress that vouches for rows: that of sources of which
// something has been read.
func Vouching(all []pipeline.Progress) []pipeline.Progress {
	var some []pipeline.Progress
	for _, p := range all {
		if p.High > 0 || p.Frontier > 0 {
			some = append(some, p)
		}
	}
	return some
}

// Gone says that the table of the rows is gone while progress still vouches for
// what was in it: going on from there would leave those rows out in silence.
type Gone struct {
	Database string
	Table    string // as SQL
	Progress string // its table, as SQL
	Sources  []pipeline.Progress
	Forget   string // SQL that takes the progress out
}

// Error implements error.
func (g *Gone) Error() string {
	return fmt.Sprintf("table %s of %s is not there, but %s vouches for rows in it of %s: the rows were moved, removed or dropped; "+
		"put them back, or read the sources from their start: run with --from-start, or take the progress out with: %s",
		g.Table, g.Database, g.Progress, g.sources(), g.Forget)
}

// Forgotten is the warning that the progress went away with the rows.
func (g *Gone) Forgotten() string {
	return fmt.Sprintf("table %s of %s was not there and is made anew; the progress of %s, which vouched for rows in it, was taken out of %s: "+
		"the next run on them reads from the start", g.Table, g.Database, g.sources(), g.Progress)
}

// Empty is the warning that a table is there but has no row.
func (g *Gone) Empty() string {
	return fmt.Sprintf("table %s of %s is empty, and %s vouches for what was read of %s; this goes on behind that: "+
		"if rows were lost, run with --from-start, or first take the progress out with: %s",
		g.Table, g.Database, g.Progress, g.sources(), g.Forget)
}

func (g *Gone) sources() string {
	var names []string
	for _, p := range g.Sources[:min(len(g.Sources), namedSources)] {
		names = append(names, fmt.Sprintf("%s (up to byte %d)", p.Name, max(p.Frontier, p.High)))
	}
	if more := len(g.Sources) - namedSources; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
