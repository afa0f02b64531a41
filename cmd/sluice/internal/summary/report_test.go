package summary_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

// finished is the status of a run over which the goldens are made.
func finished() pipeline.Status {
	counts := pipeline.Counts{Accepted: 14_074, Persisted: 13_990, Dead: 80, Filtered: 4}
	s := pipeline.Status{State: pipeline.StateStopped, Ledger: pipeline.Ledger{
		Counts:     counts,
		DeadByCode: map[pipeline.Code]int64{pipeline.CodeSchema: 50, pipeline.CodeNotJSON: 28, pipeline.CodeTooDeep: 1, pipeline.CodeColumnType: 1},
	}}
	s.Ledger.Lanes[pipeline.LaneHigh] = pipeline.Counts{Accepted: 74, Persisted: 70, Filtered: 4}
	s.Ledger.Lanes[pipeline.LaneNormal] = pipeline.Counts{Accepted: 14_000, Persisted: 13_920, Dead: 80}
	for _, name := range []string{"validate", "enrich", "persist"} {
		s.Stages = append(s.Stages, pipeline.StageStatus{Name: name, Counts: counts})
	}
	s.Stages[1].Busy, s.Stages[1].Idle = 800*time.Millisecond, 200*time.Millisecond
	return s
}

// golden compares with a file under testdata. To renew one, delete it and run
// the test, which then writes it and fails once.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	want, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("wrote %s anew; look at it and run the test again", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; got:\n%s", path, got)
	}
}

func TestReport(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	report := summary.NewReport(finished(), 1200*time.Millisecond, errors.New("a <reason>"))
	if err := report.Write(path, nil); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.golden.json", got)
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("there are %d files beside the report; expected none", len(entries)-1)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o644 {
		t.Errorf("the report has the mode %v, want 0644", info.Mode().Perm())
	}
	var stdout bytes.Buffer
	if err := report.Write("-", &stdout); err != nil || !bytes.Equal(stdout.Bytes(), got) {
		t.Errorf("on stdout (%v):\n%s", err, stdout.Bytes())
	}
}

func TestReportThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "report.json")
	err := summary.NewReport(pipeline.Status{}, 0, nil).Write(path, nil)
	if err == nil || err.Error() != "write report "+path+": no such file or directory" {
		t.Errorf("got %v", err)
	}
}
