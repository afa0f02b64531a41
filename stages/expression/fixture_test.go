package expression

import (
	"fmt"
	"strconv"
	"testing"

	"sluice/pipeline"
)

// record makes an indexed record of a line.
func record(t testing.TB, line string) *pipeline.Record {
	t.Helper()
	r := pipeline.NewBatch(pipeline.LaneNormal, line).Record(0)
	if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r
}

func mustCompile(t testing.TB, source string) *Program {
	t.Helper()
	p, err := Compile(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return p
}

// show spells a result with its type: 1 and 1.0 differ.
func show(r Result, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	switch r.Kind {
	case KindMissing:
		return "missing"
	case KindNull:
		return "nil"
	case KindBool:
		return strconv.FormatBool(r.Bool())
	case KindInt:
		return strconv.FormatInt(r.Int(), 10)
	case KindFloat:
		return fmt.Sprintf("real %v", r.Float())
	case KindText:
		return strconv.Quote(string(r.Text()))
	}
	return string(r.Text())
}
