package bench

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"sluice/pipeline"
)

// Flags are the flags that make a Plan, as they were given.
type Flags struct {
	rate, mix, size, sample, through string
	slow                             []string
	records                          int64
	duration                         time.Duration
	seed                             uint64
	given                            func(name string) bool
}

// Register defines the flags; parsing fills f.
func (f *Flags) Register(flags *pflag.FlagSet) {
	flags.StringVar(&f.rate, "rate", "0", "records a second: `N` over all lanes, or low=200000,critical=2000; 0 is as fast as it goes, 2x twice what the pipeline can take")
	flags.Int64Var(&f.records, "records", 0, "end after `N` records over all lanes")
	flags.DurationVar(&f.duration, "duration", 0, fmt.Sprintf("end after so much `TIME` (%v when --records is not given either)", DefaultDuration))
	flags.StringVar(&f.mix, "mix", "", "the lanes' `SHARES` of the rate (critical=1,low=99 unless --rate names the lanes)")
	flags.StringVar(&f.size, "size", "", "`BYTES` a record, or a range such as 200..2000; 262 or so when not given")
	flags.StringVar(&f.sample, "sample", "", "send the lines of `FILE`, again and again, instead of generated records")
	flags.StringArrayVar(&f.slow, "slow-stage", nil, "make a stage wait with each batch: enrich=5ms, or by lane enrich=low:500ms,critical:5ms; may be `GIVEN` again for another stage")
	flags.StringVar(&f.through, "through", "intake", "`WAY` of the records: intake, or stdin for a pipe and the source of stdin, with one lane")
	flags.Uint64Var(&f.seed, "seed", DefaultSeed, "`NUMBER` that the generated records follow from")
	f.given = func(name string) bool { return flags.Changed(name) }
}

// mistakes collects what is wrong with flags.
type mistakes []error

func (m *mistakes) add(flag, format string, args ...any) {
	*m = append(*m, fmt.Errorf("--%s: "+format, append([]any{flag}, args...)...))
}

// Plan reads the flags. The error joins every mistake, each of which names its
// flag.
func (f *Flags) Plan() (Plan, error) {
	var wrong mistakes
	p := Plan{Records: f.records, Duration: f.duration, Sample: f.sample, Seed: f.seed}
	f.load(&p, &wrong)
	f.end(&p, &wrong)
	var err error
	if p.Size, err = ParseSizes(f.size); err != nil {
		wrong.add("size", "%w", err)
	}
	if p.Slow, err = ParseSlow(f.slow); err != nil {
		wrong.add("slow-stage", "%w", err)
	}
	f.way(&p, &wrong)
	return p, errors.Join(wrong...)
}

// load reads --rate and --mix.
func (f *Flags) load(p *Plan, wrong *mistakes) {
	mix := DefaultMix
	if f.given("mix") {
		var err error
		if mix, err = ParseMix(f.mix); err != nil {
			wrong.add("mix", "%w", err)
			return
		}
	}
	rates, byLane, err := ParseRates(f.rate, mix)
	if err != nil {
		wrong.add("rate", "%w", err)
		return
	}
	if byLane != nil {
		if f.given("mix") {
			wrong.add("mix", "--rate %s gives each lane its rate already; leave one of them out", f.rate)
		}
		mix = *byLane
	}
	p.Rates, p.Shares, p.Coupled = rates, mix, byLane == nil
}

// end reads what ends the sending.
func (f *Flags) end(p *Plan, wrong *mistakes) {
	if f.records < 0 || f.given("records") && f.records == 0 {
		wrong.add("records", "%d; expected at least 1", f.records)
	}
	if f.duration < 0 || f.given("duration") && f.duration == 0 {
		wrong.add("duration", "%v; expected a time above 0, such as 10s", f.duration)
	}
	if p.Records == 0 && p.Duration == 0 {
		p.Duration = DefaultDuration
	}
}

// way reads where the records come from and how they go in.
func (f *Flags) way(p *Plan, wrong *mistakes) {
	if f.sample != "" {
		if f.given("size") {
			wrong.add("size", "the lines of --sample %s have their own sizes; leave one of them out", f.sample)
		}
		if info, err := os.Stat(f.sample); err != nil {
			wrong.add("sample", "%w", err)
		} else if info.IsDir() {
			wrong.add("sample", "%s is a directory; expected a file of NDJSON", f.sample)
		}
	}
	switch f.through {
	case "intake":
	case "stdin":
		p.Stdin = true
		if n := lanesOf(p.Shares); n > 1 {
			wrong.add("through", "stdin is one pipe and takes one lane, found %d; name it, as in --mix normal=1", n)
		}
	default:
		wrong.add("through", "%q; expected intake or stdin", f.through)
	}
}

// lanesOf counts the lanes that have a share.
func lanesOf(shares [pipeline.LaneCount]float64) (n int) {
	for _, s := range shares {
		if s > 0 {
			n++
		}
	}
	return n
}
