package bench

import (
	"time"

	"sluice/pipeline"
)

// The picture of depths over time: at most maxColumns, which begin this far
// apart and are merged two by two when there are too many.
const (
	maxColumns    = 120
	firstInterval = 50 * time.Millisecond
)

// depths keeps how many records waited before each stage over time. Merged
// columns keep the deepest.
type depths struct {
	interval time.Duration
	columns  []column
	merged   int // pictures in the last column, of those that make one
	each     int // pictures a column
}

// column is what waited at one time, by stage and lane.
type column [][pipeline.LaneCount]int

func newDepths() *depths { return &depths{interval: firstInterval, each: 1} }

// add takes a picture in; it is called every firstInterval.
func (d *depths) add(s pipeline.Status) {
	c := make(column, len(s.Stages))
	for i, stage := range s.Stages {
		for l, lane := range stage.Lanes {
			c[i][l] = lane.Depth
		}
	}
	if d.merged > 0 && d.merged < d.each {
		d.columns[len(d.columns)-1].deepen(c)
		d.merged++
		return
	}
	if len(d.columns) == maxColumns {
		d.halve()
	}
	d.columns, d.merged = append(d.columns, c), 1
}

// halve merges the columns two by two.
func (d *depths) halve() {
	for i := range maxColumns / 2 {
		d.columns[i] = d.columns[2*i]
		d.columns[i].deepen(d.columns[2*i+1])
	}
	d.columns = d.columns[:maxColumns/2]
	d.each *= 2
	d.interval *= 2
}

// deepen takes over what is deeper in the other column.
func (c column) deepen(other column) {
	for i := range c {
		for l := range c[i] {
			c[i][l] = max(c[i][l], other[i][l])
		}
	}
}

// of returns the depths of one lane before a stage, and the deepest.
func (d *depths) of(stage int, lane pipeline.Lane) (all []int, deepest int) {
	all = make([]int, len(d.columns))
	for i, c := range d.columns {
		all[i] = c[stage][lane]
		deepest = max(deepest, all[i])
	}
	return all, deepest
}
