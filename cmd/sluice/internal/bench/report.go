package bench

import (
	"encoding/json"
	"io"
	"math"
	"runtime"
	"time"

	"sluice/pipeline"
)

// Report is what a benchmark found. Its JSON names are a contract, which
// docs/bench.md describes; further ones may be added.
type Report struct {
	Config       string  `json:"config"` // file of the configuration, "" for the defaults
	Sink         string  `json:"sink"`
	Through      string  `json:"through"` // intake or stdin
	Seed         uint64  `json:"seed"`
	ElapsedS     float64 `json:"elapsed_s"`       // until the last record was settled
	SendingS     float64 `json:"sending_s"`       // until the last record was sent
	CapacityPerS float64 `json:"capacity_per_s"`  // as calibrated; 0 where no rate needed it
	InPerS       float64 `json:"in_per_s"`        // accepted, over sending_s
	OutPerS      float64 `json:"out_per_s"`       // settled, over elapsed_s
	PeakRSS      int64   `json:"peak_rss_bytes"`  // of the process, the records to send included; 0 where unknown
	CPUs         int     `json:"cpus"`            // that the process may use
	Error        string  `json:"error,omitempty"` // why it ended early or failed
	Bottleneck   string  `json:"bottleneck"`      // the stage that held the run back, or "source"
	SinkBusy     float64 `json:"sink_busy"`       // share of its time
	DepthEveryMS float64 `json:"depth_every_ms"`  // between two values of depth
	Stages       []Stage `json:"stages"`          // in the order of the data
	Lanes        []Lane  `json:"lanes"`           // those that got records, the most urgent first
	pipeline.Counts
	DeadByCode map[pipeline.Code]int64 `json:"dead_by_code"`
}

// Lane is what became of the records of one lane.
type Lane struct {
	Lane    pipeline.Lane `json:"lane"`
	Rate    float64       `json:"rate_per_s"` // that was to be; 0 for as fast as it goes
	Offered int64         `json:"offered"`    // records that were due
	InPerS  float64       `json:"in_per_s"`
	OutPerS float64       `json:"out_per_s"`
	pipeline.Counts
	Latency Latency `json:"latency_ms"`
	// Late is how late the sender itself woke to send what was due next: as much
	// of a latency is not the pipeline's.
	Late Times `json:"sender_late_ms"`
}

// Latency is how long records took to be settled. Since is "due" for a lane with
// a rate, and "handed over" for one without: nothing is due there.
type Latency struct {
	Since string `json:"since"`
	Times
}

// Times are a distribution of times, in milliseconds.
type Times struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99_9"`
	Max   float64 `json:"max"`
}

// Stage is one stage and the channel before it.
type Stage struct {
	Name    string    `json:"name"`
	Workers int       `json:"workers"`
	Busy    float64   `json:"busy"` // shares of the workers' time
	Idle    float64   `json:"idle"`
	Blocked float64   `json:"blocked"`
	Lanes   []Channel `json:"lanes"` // those that got records
}

// Channel is one lane of the channel before a stage.
type Channel struct {
	Lane          pipeline.Lane `json:"lane"`
	Capacity      int           `json:"capacity"`
	Deepest       int           `json:"deepest"` // records that waited at once, as seen in Depth
	LongestWaitMS float64       `json:"longest_wait_ms"`
	// BoundMS is the longest that a batch can wait when the stage takes each record
	// as long as it took the average one; null where the schedule gives no bound.
	BoundMS *float64 `json:"bound_ms"`
	Dropped int64    `json:"dropped"`
	Depth   []int    `json:"depth"` // over time
}

// Report returns what was found. s is the run's last status and err why it ended
// early or failed. Config, Sink and CapacityPerS are the caller's to fill in.
func (b *Bench) Report(s pipeline.Status, err error) Report {
	elapsed := s.Since.Sub(b.began)
	r := Report{
		Through: "intake", Seed: b.plan.Seed, CPUs: runtime.GOMAXPROCS(0), PeakRSS: peakMemory(),
		ElapsedS: round(elapsed.Seconds()), SendingS: round(b.sending.Seconds()),
		InPerS: perSecond(s.Ledger.Accepted, b.sending), OutPerS: perSecond(settled(s.Ledger.Counts), elapsed),
		Counts: s.Ledger.Counts, DeadByCode: s.Ledger.DeadByCode,
		Bottleneck:   pipeline.Bottleneck(pipeline.Status{}, s),
		SinkBusy:     share(s.Sink.Busy, s.Sink.Busy+s.Sink.Idle),
		DepthEveryMS: milliseconds(int64(b.depths.interval)),
	}
	if b.plan.Stdin {
		r.Through = "stdin"
	}
	if r.DeadByCode == nil {
		r.DeadByCode = map[pipeline.Code]int64{}
	}
	if err != nil {
		r.Error = err.Error()
	}
	for _, sender := range b.senders {
		r.Lanes = append(r.Lanes, b.lane(sender, s.Ledger.Lanes[sender.lane], elapsed))
	}
	for i, stage := range s.Stages {
		r.Stages = append(r.Stages, b.stage(i, stage, b.stages[i]))
	}
	return r
}

func (b *Bench) lane(s *sender, counts pipeline.Counts, elapsed time.Duration) Lane {
	return Lane{
		Lane: s.lane, Rate: round(b.plan.Rates[s.lane].Value), Offered: s.offered.Load(), Counts: counts,
		InPerS: perSecond(counts.Accepted, b.sending), OutPerS: perSecond(settled(counts), elapsed),
		Latency: b.meter.lanes[s.lane].result(), Late: s.late.times(),
	}
}

func (l *laneMeter) result() Latency {
	r := Latency{Since: "due"}
	if l.schedule == nil {
		r.Since = "handed over"
	}
	r.Times = l.latency.times()
	return r
}

func (b *Bench) stage(i int, s pipeline.StageStatus, cfg pipeline.StageConfig) Stage {
	all := s.Busy + s.Idle + s.Blocked
	stage := Stage{
		Name: s.Name, Workers: s.Workers,
		Busy: share(s.Busy, all), Idle: share(s.Idle, all), Blocked: share(s.Blocked, all),
	}
	service := time.Duration(0)
	if n := s.Persisted + s.Dead + s.Filtered; n > 0 {
		// Waiting for room further on holds the lane back like work does.
		service = (s.Busy + s.Blocked) / time.Duration(n)
	}
	for _, sender := range b.senders {
		lane := s.Lanes[sender.lane]
		c := Channel{
			Lane: sender.lane, Capacity: lane.Capacity, LongestWaitMS: milliseconds(int64(lane.LongestWait)), Dropped: lane.Dropped,
		}
		c.Depth, c.Deepest = b.depths.of(i, sender.lane)
		if bound, ok := cfg.LongestWait(sender.lane, service); ok {
			c.BoundMS = new(milliseconds(int64(bound)))
		}
		stage.Lanes = append(stage.Lanes, c)
	}
	return stage
}

// Write writes the report as indented JSON.
func (r Report) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// settled are the records that a sink, or a filter, has answered for.
func settled(c pipeline.Counts) int64 { return c.Persisted + c.Dead + c.Filtered }

func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return round(float64(part) / float64(whole))
}

func perSecond(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return math.Round(float64(n)/d.Seconds()*10) / 10
}

func milliseconds(ns int64) float64 { return round(float64(ns) / 1e6) }

// round leaves three digits behind the point.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
