package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/cmd/sluice/internal/bench"
	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

// calibration is how long the capacity is measured where a rate depends on it.
const calibration = 4 * time.Second

// bencher is one sluice bench.
type bencher struct {
	*process
	benchOptions
	console *summary.Console
	loaded  *config.Loaded
	plan    bench.Plan
}

// run measures and then tells about it, also when it was ended early or failed.
func (b *bencher) run(ctx context.Context) error {
	if err := b.load(); err != nil {
		return err
	}
	capacity, err := b.capacity(ctx)
	if err != nil {
		return err
	}
	m := &measurement{bencher: b, plan: b.plan.At(capacity)}
	err = m.run(ctx)
	if m.job == nil {
		return err
	}
	report := m.bench.Report(m.status, err)
	report.Config, report.Sink, report.CapacityPerS = b.loaded.File, config.Redact(b.loaded.Persistence.Sink), capacity
	b.tellDead(m)
	if b.json {
		return errors.Join(err, report.Write(b.stdout))
	}
	return errors.Join(err, report.Text(b.stdout))
}

// capacity measures how many records a second the pipeline takes, where a rate
// depends on it.
func (b *bencher) capacity(ctx context.Context) (float64, error) {
	if !b.plan.NeedsCapacity() {
		return 0, nil
	}
	b.console.Notef("sluice: measuring for %v what the pipeline can take", calibration)
	m := &measurement{bencher: b, plan: b.plan.Calibration(calibration)}
	if err := m.run(ctx); err != nil {
		return 0, err
	}
	capacity := m.bench.Capacity()
	if capacity == 0 {
		return 0, fmt.Errorf("in %v the pipeline settled too little to tell what it can take; give --rate in records a second", calibration)
	}
	b.console.Notef("sluice: it takes %s records/s", humanize.Comma(int64(capacity)))
	return capacity, nil
}

// tellDead says that records died, because the figures are then not those of
// records that live.
func (b *bencher) tellDead(m *measurement) {
	l := m.status.Ledger
	for code, n := range l.DeadByCode {
		note := fmt.Sprintf("%s of %s records became dead letters (%s)", humanize.Comma(n), humanize.Comma(l.Accepted), code)
		if all := m.job.examples.Of(code); len(all) > 0 {
			note += ": " + all[0].Message
		}
		b.warn(note + "; --sample FILE sends records that fit")
	}
}

func (b *bencher) warn(text string) { b.console.Notef("sluice: warning: %s", text) }

// measurement is one run of the pipeline under load.
type measurement struct {
	*bencher
	plan   bench.Plan
	bench  *bench.Bench
	job    *job // nil when it could not be opened
	status pipeline.Status
	stop   func() // ends the pictures
	drain  *time.Timer
}

// run makes the records and runs the pipeline as sluice run does, without the
// control API.
func (m *measurement) run(ctx context.Context) (err error) {
	if m.bench, err = bench.New(m.plan, sourceConfig(m.loaded)); err != nil {
		return err
	}
	h := &host{
		plan: &plan{
			process: m.process, loaded: m.loaded, warn: m.warn, adjust: m.bench.Attach,
			source: func(context.Context, *config.Loaded, storedFunc) (source, error) { return m.bench, nil },
		},
		console: m.console, once: true, quiet: true, memory: bench.PoolBytes, opened: m.opened, ended: m.ended,
	}
	if err := h.set(ctx); err != nil {
		return err
	}
	err = h.run(ctx, nil)
	return accounted(m.status.Ledger, err)
}

func (m *measurement) opened(j *job) {
	m.job = j
	m.stop = m.bench.Watch(j.pipeline.Status)
	if m.plan.Duration > 0 {
		m.bench.OnSent = func() { m.limitDrain(j.pipeline) }
	}
}

// limitDrain gives what was sent as long to be settled as a stop does. A stage
// that is slower than its load could take hours for what waits before it, which
// whoever gave a duration does not want to see.
func (m *measurement) limitDrain(p *pipeline.Pipeline) {
	limit := time.Duration(m.loaded.DrainTimeout)
	m.drain = time.AfterFunc(limit, func() {
		p.Abort(fmt.Errorf("not everything was settled within %v of the last record (drain_timeout)", limit))
	})
}

func (m *measurement) ended(j *job, s pipeline.Status, _ error) {
	if m.drain != nil {
		m.drain.Stop()
	}
	if j != nil {
		m.stop()
		m.status = s
	}
}
