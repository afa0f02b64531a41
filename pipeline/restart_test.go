package pipeline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
)

// mixed makes lines with a field for the lane rule.
func mixed(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"n":%d,"level":"%s","code":%d%s}`, i, []string{"fatal", "warn", "debug", "?"}[r.IntN(4)], r.IntN(3), []string{"", `,"deep":[[]]`}[r.IntN(2)])
	}
	return lines
}

var byLevel = LaneRule{Field: "level", Map: map[string]Lane{"fatal": LaneCritical, "warn": LaneHigh, "debug": LaneLow}, Default: LaneNormal}
var byCode = LaneRule{Field: "code", Map: map[string]Lane{"0": LaneLow, "1": LaneHigh}, Default: LaneCritical}

// TestARestartFromTheStoredProgressSettlesEachRecordOnce breaks the sink off
// after some commits, again and again, with the rule changed on the way, and
// collects what the commits made durable.
func TestARestartFromTheStoredProgressSettlesEachRecordOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		rules  []LaneRule
		limits [][2]int // max_record_bytes and max_depth in turn
	}{
		{"one rule", []LaneRule{byLevel}, nil},
		{"two rules in turn", []LaneRule{byLevel, byCode}, nil},
		{"a rule without a field between", []LaneRule{byLevel, {Default: LaneLow}, byCode}, nil},
		{"other limits in turn", []LaneRule{byLevel}, [][2]int{{34, 1}, {1000, 128}, {36, 128}}},
		{"other rules and limits in turn", []LaneRule{byLevel, byCode}, [][2]int{{1000, 1}, {34, 128}, {1000, 128}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for seed := range uint64(8) {
				synctest.Test(t, func(t *testing.T) { restarts(t, seed, tc.rules, tc.limits) })
			}
		})
	}
}

func restarts(t *testing.T, seed uint64, rules []LaneRule, limits [][2]int) {
	kill := errors.New("killed")
	r := rand.New(rand.NewPCG(seed, 2))
	lines := mixed(4000, seed)
	var durable []string
	at := Progress{Source: "file", Name: "f"}
	for run := 0; ; run++ {
		if run > 200 {
			t.Fatal("the runs get nowhere")
		}
		breakAt := 1 + r.IntN(6)
		sink := &memorySink{fail: func(n int) error {
			if n == breakAt {
				return kill
			}
			return nil
		}}
		rule := rules[run%len(rules)]
		cfg := Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: sleepy(seed, 1000), Workers: 3}}}
		if len(limits) > 0 {
			cfg.MaxRecordBytes, cfg.MaxDepth = limits[run%len(limits)][0], limits[run%len(limits)][1]
		}
		p := build(t, cfg)
		err := p.Run(t.Context(), &linesSource{lines: lines, rule: &rule, start: at, perChunk: 1 + r.IntN(400)})
		for l := range sink.rows {
			durable = append(durable, sink.lines[l]...)
		}
		if n := len(sink.stored); n > 0 {
			at = sink.stored[n-1]
		}
		wantClosed(t, p)
		if err == nil {
			break
		}
		if !errors.Is(err, kill) {
			t.Fatal(err)
		}
	}
	slices.Sort(durable)
	want := make([]string, len(lines))
	for i := range lines {
		want[i] = fmt.Sprint(i + 1)
	}
	slices.Sort(want)
	sameLines(t, fmt.Sprintf("seed %d", seed), durable, want)
	if total := int64(len(lines)); at.Line != total {
		t.Errorf("seed %d: progress stands at line %d, want %d", seed, at.Line, total)
	}
}
