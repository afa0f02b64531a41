package infer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/validate"
)

// inferred adds the lines.
func inferred(t testing.TB, lines ...string) *Inference {
	t.Helper()
	in := New()
	for _, line := range lines {
		if err := in.Add([]byte(line)); err != nil {
			t.Fatalf("%.100s: %v", line, err)
		}
	}
	return in
}

// checker compiles a schema with its formats asserted.
func checker(t testing.TB, schema []byte) *validate.Stage {
	t.Helper()
	path := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(path, schema, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := validate.New(validate.Config{Schema: path, Options: validate.Options{Format: validate.FormatAssert}})
	if err != nil {
		t.Fatalf("%v\n%.4000s", err, schema)
	}
	return s
}

// refused returns how many of the lines the schema refuses, and why the first.
func refused(t testing.TB, s *validate.Stage, lines []string) (n int, why error) {
	t.Helper()
	for len(lines) > 0 {
		batch := lines[:min(len(lines), 200)]
		lines = lines[len(batch):]
		b := pipeline.NewBatch(pipeline.LaneNormal, batch...)
		if err := s.Process(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		for r := range b.DeadRecords() {
			if n++; why == nil {
				why = r.Err()
			}
		}
	}
	return n, why
}

// repeat returns n lines; %d in it is the line's number.
func repeat(n int, line func(i int) string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line(i)
	}
	return lines
}

// compact takes the indentation out of JSON or YAML that a test compares.
func compact(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString(strings.TrimSpace(line))
	}
	return strings.ReplaceAll(b.String(), `": `, `":`)
}
