package summary_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

// rejected is a batch whose records are all dead, of the given code.
func rejected(code pipeline.Code, pointer, message string, n int) *pipeline.Batch {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"n":%d}`, i)
	}
	b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
	for i := range n {
		b.Record(i).Reject(&pipeline.RecordError{Code: code, Pointer: pointer, Message: message})
	}
	return b
}

func TestTextOfARun(t *testing.T) {
	var examples summary.Examples
	examples.Observe(rejected(pipeline.CodeSchema, "/status", "found 700; expected at most 599", 50))
	examples.Observe(rejected(pipeline.CodeTooDeep, strings.Repeat("/a", 100), "nested too deep", 1))
	examples.Observe(rejected(pipeline.CodeColumnType, "/ts", "/ts is no timestamp", 1))
	examples.Observe(rejected(pipeline.CodeNotJSON, "", "expected a value\x1b[31m at byte 0", 2))
	text := summary.Text{
		Report:      summary.NewReport(finished(), 1200*time.Millisecond, nil),
		Examples:    &examples,
		Rows:        summary.Place{Where: "table events in events.db", Query: `sqlite3 events.db "SELECT * FROM events LIMIT 10"`},
		DeadLetters: summary.Place{Where: "table dead_letters in events.db", Query: `sqlite3 events.db "SELECT * FROM dead_letters LIMIT 10"`},
		Done:        []string{"old.ndjson"},
		Sources:     2,
	}
	var b bytes.Buffer
	if err := text.Write(&b); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsRune(b.Bytes(), '\x1b') {
		t.Error("an escape code of a record reached the terminal")
	}
	golden(t, "summary.golden.txt", b.Bytes())
}

func TestAFinishedFileSaysSo(t *testing.T) {
	var b bytes.Buffer
	err := summary.Text{Done: []string{"a.ndjson"}, Sources: 1, Rows: summary.Place{Where: "table records in sluice.db"}}.Write(&b)
	want := "a.ndjson: already done, 0 new (--from-start reads it again)\nrows          table records in sluice.db\n"
	if err != nil || b.String() != want {
		t.Errorf("got (%v):\n%s\nwant:\n%s", err, b.String(), want)
	}
}

func TestExamplesAreBounded(t *testing.T) {
	var e summary.Examples
	for range 100 {
		e.Observe(rejected(pipeline.CodePanic, "", strings.Repeat("x", 1000), 256))
	}
	got := e.Of(pipeline.CodePanic)
	if len(got) != summary.MaxExamples || len(got[0].Message) != 203 {
		t.Errorf("%d examples, the first with %d characters", len(got), len(got[0].Message))
	}
	live := pipeline.NewBatch(pipeline.LaneLow, `{}`)
	if n := testing.AllocsPerRun(10, func() { e.Observe(live) }); n != 0 {
		t.Errorf("a batch without dead letters allocates %v times", n)
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.00 s", 840 * time.Millisecond: "0.84 s", 12 * time.Second: "12 s",
		185 * time.Second: "3m 05s", 130 * time.Minute: "2h 10m",
	} {
		if got := summary.Elapsed(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
