package bench

import (
	"encoding/json"
	"strings"
	"testing"

	"sluice/pipeline"
)

func TestGeneratedRecords(t *testing.T) {
	levelRule := pipeline.LaneRule{Field: "level", Default: pipeline.LaneNormal, Map: map[string]pipeline.Lane{
		"fatal": pipeline.LaneCritical, "panic": pipeline.LaneCritical, "error": pipeline.LaneHigh, "debug": pipeline.LaneLow}}
	other := func(field string) pipeline.LaneRule {
		return pipeline.LaneRule{Field: field, Default: pipeline.LaneNormal, Map: map[string]pipeline.Lane{
			"1": pipeline.LaneCritical, "2": pipeline.LaneHigh, "4": pipeline.LaneLow}}
	}
	for name, tt := range map[string]struct {
		rule  pipeline.LaneRule
		sizes Sizes
		fits  bool // into their lanes by the rule
	}{
		"by default":                             {rule: pipeline.DefaultLaneRule()},
		"with a level for each lane":             {rule: levelRule, fits: true},
		"with a field that events do not have":   {rule: other("prio"), fits: true},
		"with a field inside others":             {rule: other(`meta."log.prio"`), fits: true},
		"with a field that cannot be there":      {rule: other("msg.prio")},
		"with the id as the field":               {rule: other("id"), fits: true},
		"of one size":                            {rule: levelRule, sizes: Sizes{500, 500}, fits: true},
		"of the smallest size":                   {rule: pipeline.DefaultLaneRule(), sizes: Sizes{MinSize, MinSize}},
		"of many sizes, larger than a chunk too": {rule: levelRule, sizes: Sizes{200, 2 * pipeline.ChunkSize}, fits: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := Plan{Seed: 3, Shares: [4]float64{1, 1, 1, 1}, Size: tt.sizes}
			ids := map[string]bool{}
			for lane := range pipeline.Lane(pipeline.LaneCount) {
				l := generate(p, lane, tt.rule)
				for i := range int64(min(100, 3+(1<<20)/max(1, tt.sizes.Max))) {
					line := strings.TrimSuffix(string(l.append(nil, i)), "\n")
					if len(line)+1 != l.size(i) {
						t.Fatalf("%d bytes, said to be %d", len(line)+1, l.size(i))
					}
					var event map[string]any
					if err := json.Unmarshal([]byte(line), &event); err != nil {
						t.Fatalf("%v in %s", err, line)
					}
					for _, field := range []string{"id", "ts", "level", "service", "host", "status", "msg"} {
						if event[field] == nil {
							t.Fatalf("no %s in %s", field, line)
						}
					}
					if id := event["id"].(string); tt.rule.Field != "id" {
						if ids[id] {
							t.Fatalf("the id %s comes twice", id)
						}
						ids[id] = true
					}
					// A level or another field of another length may have changed the size by its difference.
					if slack := 2; tt.sizes.Max > 0 && (len(line) < tt.sizes.Min-slack || len(line) > tt.sizes.Max+slack) {
						t.Fatalf("%d bytes, want %v", len(line), tt.sizes)
					}
					if tt.fits && laneOf(tt.rule, []byte(line)) != lane {
						t.Fatalf("the rule takes a record of %v to %v: %s", lane, laneOf(tt.rule, []byte(line)), line)
					}
				}
			}
		})
	}
}

func TestTheSameSeedMakesTheSameRecords(t *testing.T) {
	text := func(seed uint64) string {
		l := generate(Plan{Seed: seed, Shares: DefaultMix}, pipeline.LaneLow, pipeline.DefaultLaneRule())
		var b []byte
		for i := range int64(10) {
			b = l.append(b, i)
		}
		return string(b)
	}
	if first, again := text(1), text(1); first != again {
		t.Error("one seed made different records")
	}
	if text(1) == text(2) {
		t.Error("two seeds made the same records")
	}
}

func TestARuleThatIsForcedKeepsItsCost(t *testing.T) {
	rule := pipeline.LaneRule{Field: "level", Map: map[string]pipeline.Lane{"fatal": pipeline.LaneCritical, "debug": pipeline.LaneLow}, Default: pipeline.LaneNormal}
	got := forced(rule, pipeline.LaneHigh)
	if got.Field != "level" || len(got.Map) != 2 || got.Map["fatal"] != pipeline.LaneHigh || got.Default != pipeline.LaneHigh {
		t.Errorf("got %+v", got)
	}
	if rule.Map["fatal"] != pipeline.LaneCritical {
		t.Error("the configuration's rule was changed")
	}
}

func TestSendingIsACopy(t *testing.T) {
	l := generate(Plan{Seed: 1, Shares: DefaultMix}, pipeline.LaneLow, pipeline.DefaultLaneRule())
	buffer := make([]byte, 0, 1<<20)
	if n := testing.AllocsPerRun(100, func() {
		buffer = buffer[:0]
		for i := range int64(500) {
			buffer = l.append(buffer, i)
		}
	}); n != 0 {
		t.Errorf("%v allocations for 500 records", n)
	}
}

// BenchmarkLines is what it costs to make a record ready to be sent.
func BenchmarkLines(b *testing.B) {
	l := generate(Plan{Seed: 1, Shares: DefaultMix}, pipeline.LaneLow, pipeline.DefaultLaneRule())
	buffer := make([]byte, 0, pipeline.ChunkSize)
	b.ReportAllocs()
	i := int64(0)
	for b.Loop() {
		if len(buffer)+l.size(i) > cap(buffer) {
			buffer = buffer[:0]
		}
		buffer = l.append(buffer, i)
		i++
	}
}
