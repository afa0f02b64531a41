package deadletter_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func dead(line string, err *pipeline.RecordError) *pipeline.Batch {
	b := pipeline.NewBatch(pipeline.LaneLow, line)
	b.Record(0).Reject(err)
	return b
}

func TestALetterIsOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		batch *pipeline.Batch
		want  string
	}{
		"text": {dead("{\"a\":\"x\ty\"", &pipeline.RecordError{Stage: "validate", Code: pipeline.CodeNotJSON, Pointer: "/a", Message: "no \"end\""}),
			`{"stage":"validate","code":"not_json","pointer":"/a","message":"no \"end\"","attempts":1,"lane":"low","source":"","position":0,"at":"2026-01-02T12:00:00.000Z","record":"{\"a\":\"x\ty\""}`},
		"bytes that are not UTF-8": {dead("\xff\n", &pipeline.RecordError{Stage: "s", Code: pipeline.CodeInvalidUTF8, Err: errors.New("at byte 0")}),
			`{"stage":"s","code":"invalid_utf8","pointer":"","message":"at byte 0","attempts":1,"lane":"low","source":"","position":0,"at":"2026-01-02T12:00:00.000Z","record":"/wo=","record_encoding":"base64"}`},
		"more attempts than one": {dead("{}", &pipeline.RecordError{Stage: "s", Code: pipeline.CodeAttempts, Attempts: 7}),
			`{"stage":"s","code":"attempts","pointer":"","message":"","attempts":7,"lane":"low","source":"","position":0,"at":"2026-01-02T12:00:00.000Z","record":"{}"}`},
		"a NUL byte": {dead("a\x00b", &pipeline.RecordError{Stage: "validate", Code: pipeline.CodeNotJSON}),
			`{"stage":"validate","code":"not_json","pointer":"","message":"","attempts":1,"lane":"low","source":"","position":0,"at":"2026-01-02T12:00:00.000Z","record":"YQBi","record_encoding":"base64"}`},
	} {
		t.Run(name, func(t *testing.T) {
			letter := deadletter.Of(c.batch.Record(0), noon)
			if got := string(letter.AppendJSON(nil)); got != strings.ReplaceAll(c.want, "\t", `\t`) {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

func TestTheFileIsMadeForTheFirstLetter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.ndjson")
	f := deadletter.NewFile(disk.OS, path, clock)
	if err := errors.Join(f.Write([]*pipeline.Batch{pipeline.NewBatch(0, "{}")}), f.Sync()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
	if err := errors.Join(f.Write([]*pipeline.Batch{dead("x", &pipeline.RecordError{Code: pipeline.CodeNotJSON})}), f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || strings.Count(string(text), "\n") != 1 {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestTwoProcessesMayShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.ndjson")
	letter := []*pipeline.Batch{dead("x", &pipeline.RecordError{Code: pipeline.CodeNotJSON})}
	one, two := deadletter.NewFile(disk.OS, path, clock), deadletter.NewFile(disk.OS, path, clock)
	if err := errors.Join(one.Write(letter), two.Write(letter)); err != nil {
		t.Fatal(err)
	}
	one.Done()
	if err := errors.Join(one.Write(letter), one.Close(), two.Close()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || strings.Count(string(text), "\n") != 3 {
		t.Errorf("got %q, %v", text, err)
	}
}

// What a process leaves torn cannot be cut while another has the file open, and
// that one goes on behind it.
func TestHalfALetterBeforeAnothersIsPassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.ndjson")
	letter := []*pipeline.Batch{dead(`{"stage":"x"}`, &pipeline.RecordError{Code: pipeline.CodeRule})}
	faults := disktest.New(disk.OS)
	one, two := deadletter.NewFile(faults, path, clock), deadletter.NewFile(disk.OS, path, clock)
	if err := two.Write(letter); err != nil {
		t.Fatal(err)
	}
	faults.Fail("write", 1, syscall.ENOSPC)
	if err := one.Write(letter); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	two.Done()
	if err := errors.Join(two.Write(letter), one.Close(), two.Close()); err != nil {
		t.Fatal(err)
	}
	var records []string
	err := deadletter.OpenFile(path).Each(t.Context(), pipeline.LetterFilter{}, true, func(l *deadletter.Stored) error {
		records = append(records, l.Record)
		return nil
	})
	if want := []string{`{"stage":"x"}`, `{"stage":"x"}`}; err != nil || !slices.Equal(records, want) {
		t.Errorf("got %q, %v", records, err)
	}
}

func TestAGroupThatIsTriedAgainAddsOnlyTheLettersThatLack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.ndjson")
	faults := disktest.New(disk.OS)
	f := deadletter.NewFile(faults, path, clock)
	group := []*pipeline.Batch{
		dead("first", &pipeline.RecordError{Code: pipeline.CodeRule}),
		dead("second", &pipeline.RecordError{Code: pipeline.CodeRule}),
		pipeline.NewBatch(pipeline.LaneLow, "third"),
	}
	faults.Fail("write", 1, syscall.ENOSPC) // the first of the two is in
	if err := f.Write(group); !errors.Is(err, syscall.ENOSPC) || !disk.Passes(err) {
		t.Fatal(err)
	}
	if err := errors.Join(f.Write(group), f.Write(group)); err != nil {
		t.Fatal(err)
	}
	group[2].Record(0).Reject(&pipeline.RecordError{Code: pipeline.CodeRule})
	if err := errors.Join(f.Write(group), f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	for _, record := range []string{"first", "second", "third"} {
		if err != nil || strings.Count(string(text), record) != 1 {
			t.Errorf("%s is not there once: %q, %v", record, text, err)
		}
	}
}

func TestAFileThatIsMovedAwayIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.ndjson")
	f := deadletter.NewFile(disk.OS, path, clock)
	for _, record := range []string{"first", "second"} {
		if err := f.Write([]*pipeline.Batch{dead(record, &pipeline.RecordError{Code: pipeline.CodeRule})}); err != nil {
			t.Fatal(err)
		}
		f.Done()
		if err := os.Rename(path, path+"."+record); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path + "." + record); err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), record) {
			t.Errorf("got %q, %v", text, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFailuresSayThatItWasTheDeadLetters(t *testing.T) {
	for _, operation := range []string{"open", "lock", "write", "sync"} {
		faults := disktest.New(disk.OS)
		f := deadletter.NewFile(faults, filepath.Join(t.TempDir(), "dead.ndjson"), clock)
		faults.Fail(operation, 1, syscall.EIO)
		err := f.Write([]*pipeline.Batch{dead("x", &pipeline.RecordError{Code: pipeline.CodeNotJSON})})
		if err == nil {
			err = f.Sync()
		}
		if !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "dead letters") {
			t.Errorf("%s: got %v", operation, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What comes behind may be long, and damaged.
func TestAFileIsReadNoFurtherThanTheLastLetterThatIsAskedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.ndjson")
	letter := deadletter.Letter{Stage: "validate", Code: "schema", Lane: "low"}
	text := append(letter.AppendJSON(nil), '\n')
	if err := os.WriteFile(path, append(append(text, text...), "damaged\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter pipeline.LetterFilter
		whole  bool
	}{
		"ids":        {pipeline.LetterFilter{IDs: []int64{2, 1}}, true},
		"up to":      {pipeline.LetterFilter{UpTo: 2}, true},
		"all of it":  {pipeline.LetterFilter{}, false},
		"one beyond": {pipeline.LetterFilter{IDs: []int64{1, 3}}, false},
	} {
		err := deadletter.OpenFile(path).Each(t.Context(), c.filter, true, func(*deadletter.Stored) error { return nil })
		if (err == nil) != c.whole {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
