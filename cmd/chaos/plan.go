//go:build unix

package main

import "fmt"

// way is how the input comes to sluice.
type way string

const (
	wayRun    way = "run"    // files that are there, read to their ends
	wayFollow way = "follow" // a log that grows and is rotated meanwhile
	wayServe  way = "serve"  // files that are there, by a process that is steered
)

// plan is what a case is. It comes from the seed alone, such that a dozen cases
// in a row have some of everything.
type plan struct {
	seed     uint64
	sink     string
	layout   layout
	way      way
	options  string // of the URL of a file
	deadFile bool   // dead letters go into a file, also where there is a table
	steady   bool   // the lane rule stays as it is: lanes are known from outside
	heavy    bool   // there is more than the log of SQLite takes
}

func newPlan(seed uint64, sink string) plan {
	n := int(seed % 1e9)
	p := plan{seed: seed, sink: sink, layout: layouts[n%len(layouts)], way: wayRun, deadFile: n%6 == 2}
	switch n % 7 {
	case 2:
		p.way = wayFollow
	case 5:
		p.way = wayServe
	}
	if sink == sinkNDJSON {
		p.layout = []layout{layoutWhole, layoutColumns}[n%2]
		p.options = fileOptions[n%len(fileOptions)]
		p.deadFile = true
		p.steady = n%4 > 0
		return p
	}
	p.heavy = sink == sinkSQLite && p.way == wayRun && n%4 == 1
	p.steady = p.layout != layoutWhole || n%3 == 0
	return p
}

// rotates says whether there is one file of rows after another.
func (p *plan) rotates() bool { return p.sink == sinkNDJSON && rotation(p.options) }

// String names the case in a line.
func (p *plan) String() string {
	text := fmt.Sprintf("%d %s %s, rows %s", p.seed, p.sink, p.way, p.layout)
	if p.options != "" {
		text += " " + p.options
	}
	if p.deadFile && p.sink != sinkNDJSON {
		text += ", dead letters in a file"
	}
	return text
}
