package sidebyside

import (
	"slices"
	"testing"
	"time"
)

// Rival is one way to do the work.
type Rival struct {
	Name   string
	Before func() // comes before each turn, and is not timed; may be nil
	Work   func() // one unit of the work, which is
	Units  int    // how many units a turn has; 1 if it is 0

	times []time.Duration // of each unit
	cpu   []time.Duration // of each turn
}

// Race holds rivals and their times. It is for one goroutine.
type Race struct {
	rivals []*Rival
	turns  int
}

// New returns a race in which nothing has run.
func New(rivals ...*Rival) *Race {
	for _, r := range rivals {
		r.Units = max(r.Units, 1)
	}
	return &Race{rivals: rivals}
}

// Turn lets each rival do its units; each time another one begins.
func (r *Race) Turn() {
	for i := range r.rivals {
		r.rivals[(r.turns+i)%len(r.rivals)].run()
	}
	r.turns++
}

func (r *Rival) run() {
	if r.Before != nil {
		r.Before()
	}
	cpu := processTime()
	for range r.Units {
		begun := time.Now()
		r.Work()
		r.times = append(r.times, time.Since(begun))
	}
	r.cpu = append(r.cpu, processTime()-cpu)
}

// turn returns the time of a rival's turn i.
func (r *Rival) turn(i int) (sum time.Duration) {
	for _, d := range r.times[i*r.Units:][:r.Units] {
		sum += d
	}
	return sum
}

// Ratio returns how much faster a is than b: the median over the turns.
func (r *Race) Ratio(a, b *Rival) float64 {
	return r.median(func(i int) float64 { return b.turn(i).Seconds() / a.turn(i).Seconds() })
}

// ProcessRatio is Ratio by the processor time that this process used, which
// other programs on the machine disturb less; 0 where the system does not tell.
// What another process does for a rival, such as a database server, is not in it.
func (r *Race) ProcessRatio(a, b *Rival) float64 {
	return r.median(func(i int) float64 {
		if a.cpu[i] == 0 {
			return 0
		}
		return b.cpu[i].Seconds() / a.cpu[i].Seconds()
	})
}

func (r *Race) median(of func(turn int) float64) float64 {
	all := make([]float64, r.turns)
	for i := range all {
		all[i] = of(i)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// Rate returns the units a second of a rival's median turn.
func (r *Race) Rate(a *Rival) float64 {
	return r.median(func(i int) float64 { return float64(a.Units) / a.turn(i).Seconds() })
}

// Latency returns the time of a unit that so many percent of a rival's units
// stay within.
func (r *Race) Latency(a *Rival, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(a.times))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// Report gives b each rival's rows a second, with so many rows a unit.
func (r *Race) Report(b *testing.B, rows int) {
	for _, a := range r.rivals {
		b.ReportMetric(r.Rate(a)*float64(rows), a.Name+"-rows/s")
	}
}
