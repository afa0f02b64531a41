package validate

import (
	"strings"
	"sync"
	"testing"

	"sluice/pipeline"
)

// process runs lines through a stage as one batch.
func process(t testing.TB, s pipeline.Stage, lines ...string) *pipeline.Batch {
	t.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
	if err := s.Process(t.Context(), b); err != nil {
		t.Fatalf("Process returned %v", err)
	}
	return b
}

func TestBadRecordDiesWithItsCodeAndItsBatchMatesLive(t *testing.T) {
	s := newStage(t, `{"properties": {"status": {"maximum": 599}}}`)
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}" }
	tests := []struct {
		name, line string
		code       pipeline.Code
		pointer    string
		message    string // a part
	}{
		{"a line of text", "WARN restarted", pipeline.CodeNotJSON, "", ""},
		{"a torn line", `{"status": 20`, pipeline.CodeNotJSON, "", ""},
		{"two records on a line", `{}{}`, pipeline.CodeNotJSON, "", ""},
		{"bytes that are not UTF-8", "{\"a\": \"caf\xe9\"}", pipeline.CodeInvalidUTF8, "/a", ""},
		{"nesting beyond the limit", deep(129), pipeline.CodeTooDeep, "/a" + strings.Repeat("/0", 127), ""},
		{"an array", `[{"status": 200}]`, pipeline.CodeNotObject, "", `the record is an array; must be an object such as {"key": "value"}`},
		{"a number", ` 42 `, pipeline.CodeNotObject, "", "the record is a number, 42; must be an object"},
		{"a string", `"beat"`, pipeline.CodeNotObject, "", `the record is a string, "beat"; must be an object`},
		{"null", `null`, pipeline.CodeNotObject, "", "the record is null; must be an object"},
		{"a value beyond its maximum", `{"status": 999}`, pipeline.CodeSchema, "/status", "/status is 999; must be at most 599"},
		{"a number made to be slow", `{"status": 1e999999999}`, pipeline.CodeSchema, "/status", "must be at most 599"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := process(t, s, `{"status": 200}`, tt.line, deep(128))
			if b.Live() != 2 || b.Dead() != 1 || !b.Record(0).Live() || !b.Record(2).Live() {
				t.Fatalf("%d live and %d dead, want the batch mates live", b.Live(), b.Dead())
			}
			err := b.Record(1).Err()
			if err.Code != tt.code || err.Pointer != tt.pointer {
				t.Errorf("code %s at %q, want %s at %q", err.Code, err.Pointer, tt.code, tt.pointer)
			}
			if err.Message == "" || !strings.Contains(err.Message, tt.message) {
				t.Errorf("message %q lacks %q", err.Message, tt.message)
			}
		})
	}
}

func TestWithoutASchemaEveryObjectLives(t *testing.T) {
	s, err := New(Config{MaxDepth: 2})
	if err != nil {
		t.Fatal(err)
	}
	b := process(t, s, `{}`, `{"a": 1e999999999}`, `{"a": [[]]}`, `[]`)
	if !b.Record(0).Live() || !b.Record(1).Live() {
		t.Error("an object is dead")
	}
	if err := b.Record(2).Err(); err == nil || err.Code != pipeline.CodeTooDeep {
		t.Errorf("three levels where two are allowed: %v", err)
	}
	if err := b.Record(3).Err(); err == nil || err.Code != pipeline.CodeNotObject {
		t.Errorf("an array: %v", err)
	}
}

func TestStageChecksForManyGoroutinesAtOnce(t *testing.T) {
	s := newStage(t, `{"properties": {"a": {"items": {"type": "integer"}}}, "required": ["b"]}`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				b := pipeline.NewBatch(pipeline.LaneHigh, `{"a": [1, 2], "b": "\u00e9"}`, `{"a": [1, "x"], "b": 0}`, `{"a": []}`)
				if err := s.Process(t.Context(), b); err != nil || b.Live() != 1 || b.Record(1).Err().Pointer != "/a/1" {
					t.Errorf("%d live, %v, error %v", b.Live(), b.Record(1).Err(), err)
					return
				}
			}
		})
	}
	wg.Wait()
}
