package enrich_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

func TestSteps(t *testing.T) {
	for _, c := range []struct{ name, step, in, want string }{
		{"set puts a constant", `set: {a: 1}`, `{"b":2}`, `{"b":2,"a":1}`},
		{"set replaces in place", `set: {b: x}`, `{"b":2,"c":3}`, `{"b":"x","c":3}`},
		{"set makes the objects on the way", `set: {a.b.c: true}`, `{}`, `{"a":{"b":{"c":true}}}`},
		{"set keeps the order of members and the spelling of numbers", `set: {a: {z: 1.50, y: [1, {x: ~}]}}`, `{}`, `{"a":{"z":1.50,"y":[1,{"x":null}]}}`},
		{"set takes YAML's other numbers", `set: {a: 0x1F, b: 1_000}`, `{}`, `{"a":31,"b":1000}`},
		{"set keeps numbers that fit no 64-bit type", `set: {a: 1e400, b: 12345678901234567890123, c: [-1E3, 1e-400]}`, `{}`, `{"a":1e400,"b":12345678901234567890123,"c":[-1E3,1e-400]}`},
		{"set keeps a text that is quoted or no number", `set: {a: "1e3", b: '1e400', c: 2024-01-01, d: 1.2.3, e: 0049, f: 1e}`, `{}`, `{"a":"1e3","b":"1e400","c":"2024-01-01","d":"1.2.3","e":"0049","f":"1e"}`},
		{"set takes a tagged text", `set: {a: !!str 12, b: !!str 1e3}`, `{}`, `{"a":"12","b":"1e3"}`},
		{"set escapes", `set: {a: "q\"<\n"}`, `{}`, `{"a":"q\"<\n"}`},
		{"set through a text is a dead letter", `set: {a.b: 1}`, `{"a":"x"}`, `dead step /a`},
		{"rename of what is not there does nothing", `rename: {a: b}`, `{"c":1}`, `{"c":1}`},
		{"rename replaces the target", `rename: {a: b}`, `{"a":1,"b":2}`, `{"b":1}`},
		{"renames follow each other", `rename: {a: b, b: c}`, `{"a":1}`, `{"c":1}`},
		{"remove takes a name", `remove: a`, `{"a":1,"b":2}`, `{"b":2}`},
		{"remove takes a list", `remove: [a, b.c]`, `{"a":1,"b":{"c":2}}`, `{"b":{}}`},
		{"remove takes a key with a dot", `remove: '"a.b"'`, `{"a.b":1,"a":{"b":2}}`, `{"a":{"b":2}}`},
		{"filter keeps", `filter: "a > 1"`, `{"a":2}`, `{"a":2}`},
		{"filter takes out", `filter: "a > 1"`, `{"a":1}`, `filtered`},
		{"keep takes a missing field for false", `filter: {keep: "a > 1"}`, `{}`, `filtered`},
		{"drop takes a missing field for false", `filter: {drop: "a > 1"}`, `{}`, `{}`},
		{"drop takes out", `filter: {drop: "a > 1"}`, `{"a":2}`, `filtered`},
		{"a condition that fails is a dead letter", `filter: "a > 1"`, `{"a":"x"}`, `dead compute `},
		{"a condition that is no boolean is a dead letter", `filter: "a"`, `{"a":"x"}`, `dead compute `},
		{"compute adds", `compute: {b: "a * 2"}`, `{"a":4}`, `{"a":4,"b":8}`},
		{"compute of a missing field adds nothing", `compute: {b: "a * 2"}`, `{}`, `{}`},
		{"compute of a null field adds nothing", `compute: {b: "a * 2"}`, `{"a":null}`, `{"a":null}`},
		{"compute sees what it set", `compute: {b: "a * 2", c: "b + 1"}`, `{"a":4}`, `{"a":4,"b":8,"c":9}`},
		{"compute of nil is null", `compute: {b: "a > 1 ? nil : 1"}`, `{"a":4}`, `{"a":4,"b":null}`},
		{"compute of a real", `compute: {b: "a / 4"}`, `{"a":1}`, `{"a":1,"b":0.25}`},
		{"compute of a text with an escape", `compute: {b: "a + a"}`, `{"a":"\u00e9\n"}`, "{\"a\":\"\\u00e9\\n\",\"b\":\"é\\né\\n\"}"},
		{"compute of a list", `compute: {b: "map(a, # * 2)"}`, `{"a":[1,2]}`, `{"a":[1,2],"b":[2,4]}`},
		{"compute copies an object", `compute: {b: "a"}`, `{"a":{"x":1.0}}`, `{"a":{"x":1.0},"b":{"x":1}}`},
		{"compute of a wrong type is a dead letter", `compute: {b.c: "a * 2"}`, `{"a":"x"}`, `dead compute /b/c`},
		{"compute skips a failure", `compute: {fields: {b: "a * 2"}, on_error: skip}`, `{"a":"x"}`, `{"a":"x"}`},
		{"compute makes null of a failure", `compute: {fields: {b: "a * 2"}, on_error: null}`, `{"a":"x"}`, `{"a":"x","b":null}`},
		{"compute's dead is dead", `compute: {fields: {b: "a * 2"}, on_error: dead}`, `{"a":"x"}`, `dead compute /b`},
		{"a field may be called fields", `compute: {fields: "1"}`, `{}`, `{"fields":1}`},
		{"a field may be called on_error", `compute: {on_error: "1 + 1"}`, `{}`, `{"on_error":2}`},
		{"a field may be called on_error in the long form", `compute: {fields: {on_error: "skip"}}`, `{"skip":2}`, `{"skip":2,"on_error":2}`},
		{"an expression may be a bare number", `compute: {a: 42, b: true}`, `{}`, `{"a":42,"b":true}`},
		{"an infinite result is a failure", `compute: {b: "1e308 * a"}`, `{"a":10.5}`, `dead compute /b`},
		{"an integer beyond 64 bits is a failure", `compute: {b: "int(a)"}`, `{"a":9223372036854775808}`, `dead compute /b`},
		{"the negative of the smallest integer is a failure", `compute: {b: "-a"}`, `{"a":-9223372036854775808}`, `dead compute /b`},
		{"an object as text is its JSON", `compute: {b: "string(a)"}`, `{"a":{"x":1.0}}`, `{"a":{"x":1.0},"b":"{\"x\":1.0}"}`},
		{"a line that is not JSON is a dead letter", `set: {a: 1}`, `nope`, `dead not_json `},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fate(t, newStage(t, steps(c.step), ""), c.in); got != c.want {
				t.Errorf("%s\n< %s\n> %s\nwant\n> %s", c.step, c.in, got, c.want)
			}
		})
	}
}

func TestARecordThatEndsSkipsTheStepsAfter(t *testing.T) {
	stage := newStage(t, steps(`filter: "ok"`, `compute: {b: "1 % a"}`, `set: {c: 1}`), "")
	b := process(t, stage, `{"ok":false,"a":0}`, `{"ok":true,"a":0}`, `{"ok":true,"a":1}`)
	if b.Filtered() != 1 || b.Dead() != 1 || b.Live() != 1 {
		t.Errorf("filtered %d, dead %d, live %d; want 1 each", b.Filtered(), b.Dead(), b.Live())
	}
	if got, want := string(b.Record(2).AppendJSON(nil)), `{"ok":true,"a":1,"b":0,"c":1}`; got != want {
		t.Errorf("the batch mate is %s, want %s", got, want)
	}
	if got := string(b.Record(1).Raw()); got != `{"ok":true,"a":0}` {
		t.Errorf("the dead letter keeps %s", got)
	}
}

func TestAFailureSaysWhatAndWhere(t *testing.T) {
	stage := newStage(t, steps(`compute: {slow: "duration_ms > 500"}`), "")
	err := process(t, stage, `{"duration_ms":"long"}`).Record(0).Err()
	if err == nil {
		t.Fatal("the record lives")
	}
	for _, part := range []string{"slow", `"duration_ms > 500"`, "string > int", "column 13"} {
		if !strings.Contains(err.Message, part) {
			t.Errorf("message %q lacks %q", err.Message, part)
		}
	}
	if err.Code != pipeline.CodeCompute || err.Pointer != "/slow" {
		t.Errorf("code %s at %s, want compute at /slow", err.Code, err.Pointer)
	}
}

func TestManyWorkersShareAStage(t *testing.T) {
	stage := newStage(t, steps(`compute: {up: "upper(a)", joined: "a + '-' + a", n: "len(a)"}`, `filter: "n > 1"`), "")
	var workers sync.WaitGroup
	for id := range 8 {
		workers.Go(func() {
			text := strings.Repeat(string(rune('a'+id)), id+2)
			for range 50 {
				b := pipeline.NewBatch(pipeline.LaneNormal, `{"a":"`+text+`"}`)
				if err := stage.Process(t.Context(), b); err != nil {
					t.Error(err)
				}
				want := fmt.Sprintf(`{"a":%q,"up":%q,"joined":%q,"n":%d}`, text, strings.ToUpper(text), text+"-"+text, len(text))
				if got := string(b.Record(0).AppendJSON(nil)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	workers.Wait()
}

func TestACancelledRunEndsWithItsCause(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	err := newStage(t, steps(`set: {a: 1}`), "").Process(ctx, pipeline.NewBatch(pipeline.LaneNormal, `{}`))
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
}

func TestStepsInGo(t *testing.T) {
	stage, err := enrich.New(enrich.Config{Steps: []enrich.StepConfig{
		{Rename: []enrich.Renaming{{From: "a", To: "b"}}},
		{Compute: &enrich.ComputeConfig{Fields: []enrich.Computation{{Field: "c", Expression: "b + 1"}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fate(t, stage, `{"a":1}`), `{"b":1,"c":2}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
