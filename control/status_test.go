package control

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"sluice/pipeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The names and the order of the status's fields are a contract.
func TestTheStatusAsJSON(t *testing.T) {
	p := newPlant()
	p.source = func() pipeline.Source { return &endless{period: time.Second, most: 90} }
	p.change = func(c *pipeline.Config) {
		c.Stages[0].Stage = pipeline.EachRecord(func(_ context.Context, r *pipeline.Record) error {
			time.Sleep(250 * time.Millisecond)
			if r.Line()%10 == 0 {
				r.Reject(&pipeline.RecordError{Code: pipeline.CodeRule, Message: "every tenth"})
			}
			return nil
		})
	}
	for _, test := range []struct {
		name, golden string
		do           func(r *rig)
	}{
		{"before the first run", "testdata/status_idle.json", func(*rig) {}},
		{"while one runs", "testdata/status_running.json", func(r *rig) {
			r.must(Start{})
			time.Sleep(30*time.Second + 600*time.Millisecond)
		}},
		{"when it has ended", "testdata/status_ended.json", func(r *rig) {
			r.must(Start{})
			time.Sleep(10 * time.Minute)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, p, func(r *rig) {
				test.do(r)
				s := r.must(Query{}).Status
				if s.PID != os.Getpid() {
					t.Errorf("the pid is %d, want %d", s.PID, os.Getpid())
				}
				s.PID = 4711
				got, err := json.MarshalIndent(s, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, '\n')
				if *update {
					if err := os.WriteFile(test.golden, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(test.golden)
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != string(want) {
					t.Errorf("the status is\n%s\nwant, as in %s,\n%s", got, test.golden, want)
				}
			})
		})
	}
}

func TestSharesAreThoseOfTheLastSeconds(t *testing.T) {
	p := newPlant()
	begin := time.Time{}
	p.source = func() pipeline.Source { return &endless{period: 10 * time.Millisecond} }
	p.change = func(c *pipeline.Config) {
		c.Stages[1].Workers = 1
		c.Stages[1].Stage = pipeline.EachRecord(func(context.Context, *pipeline.Record) error {
			if time.Since(begin) > 30*time.Second {
				time.Sleep(50 * time.Millisecond) // it becomes slow
			}
			return nil
		})
	}
	inBubble(t, p, func(r *rig) {
		begin = time.Now()
		r.must(Start{})
		time.Sleep(29 * time.Second)
		if s := r.must(Query{}).Status; s.Bottleneck == "enrich" || s.Stages[1].Busy > 0.1 {
			t.Errorf("at first: bottleneck %q, enrich %+v", s.Bottleneck, s.Stages[1])
		}
		time.Sleep(11*time.Second + 500*time.Millisecond)
		s := r.must(Query{}).Status
		if s.Bottleneck != "enrich" || s.Stages[1].Busy < 0.99 || s.Stages[0].Busy > 0.1 {
			t.Errorf("then: bottleneck %q, validate %+v, enrich %+v", s.Bottleneck, s.Stages[0], s.Stages[1])
		}
		lane := s.Stages[1].Lanes[pipeline.LaneNormal]
		if lane.Depth == 0 || lane.Bytes == 0 || lane.OldestAgeS == 0 || lane.In <= lane.Out {
			t.Errorf("the lane that waits is shown as %+v", lane)
		}
	})
}

func TestTheSharesOfARunAreNotThoseOfTheOneBefore(t *testing.T) {
	inBubble(t, newPlant(), func(r *rig) {
		r.must(Start{})
		time.Sleep(10 * time.Second)
		r.must(Stop{})
		r.must(Start{})
		time.Sleep(500 * time.Millisecond)
		for _, s := range r.must(Query{}).Status.Stages {
			if s.Idle != 1 {
				t.Errorf("%s has been idle for %v of its time, want all of it", s.Name, s.Idle)
			}
		}
	})
}

func TestSharesAddUpToOne(t *testing.T) {
	for _, s := range []Stage{
		stage(&pipeline.StageStatus{Busy: 3, Idle: 5, Blocked: 2}, &pipeline.StageStatus{}),
		stage(&pipeline.StageStatus{Busy: 30, Idle: 50, Blocked: 20}, &pipeline.StageStatus{Busy: 27, Idle: 45, Blocked: 18}),
	} {
		if s.Busy != 0.3 || s.Idle != 0.5 || s.Blocked != 0.2 {
			t.Errorf("%+v", s)
		}
	}
	if s := stage(&pipeline.StageStatus{Busy: 5}, &pipeline.StageStatus{Busy: 5}); s.Busy != 0 {
		t.Errorf("nothing since: %+v", s)
	}
}

func TestTheSampleToCompareWith(t *testing.T) {
	begin := time.Now()
	var s samples
	at := func(i int) pipeline.Status {
		return pipeline.Status{Since: begin.Add(time.Duration(i) * sampleEvery)}
	}
	for i := 1; i <= 12; i++ {
		if got := s.before(begin.Add(time.Duration(i) * sampleEvery)); !got.Since.Equal(max0(i, at)) {
			t.Errorf("at second %d: compared with %v", i, got.Since)
		}
		s.add(begin.Add(time.Duration(i)*sampleEvery), at(i))
		if i == 1 {
			if got := s.before(begin.Add(sampleEvery + time.Millisecond)); !got.Since.IsZero() {
				t.Errorf("a sample of a moment ago was used")
			}
		}
	}
}

// max0 is the sample that second i is compared with.
func max0(i int, at func(int) pipeline.Status) time.Time {
	switch oldest := max(1, i-sampleCount); {
	case i == 1:
		return time.Time{}
	default:
		return at(oldest).Since
	}
}
