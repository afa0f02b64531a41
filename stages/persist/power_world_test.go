package persist

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/pipeline"
)

// Of the records, a number to be told by and some that die on the way.
const (
	powerRecords = 200
	powerFiles   = 4
	powerPost    = 10 // lines of a body
)

// powerCase is a source, a sink and what is promised of them.
type powerCase struct {
	sink        string
	synchronous string
	deadLetters string
	posts       bool // bodies, not files
	replays     bool // at last the dead letters are sent through again
	exactly     bool // each record is there once
	keeps       bool // what was settled is there
}

// powerWorld is what outlives the loss of power.
type powerWorld struct {
	t       *testing.T
	c       powerCase
	root    string
	files   []string
	folders int
	clock   atomic.Int64 // milliseconds
}

func newPowerWorld(t *testing.T, c powerCase) *powerWorld {
	w := &powerWorld{t: t, c: c, root: t.TempDir()}
	w.write("strict.json", []byte(`{"required": ["value"], "properties": {"kind": {"const": "good"}}}`))
	w.write("lenient.json", []byte(`{"required": ["value"]}`))
	for i := range powerFiles {
		var text bytes.Buffer
		for n := i * powerRecords / powerFiles; n < (i+1)*powerRecords/powerFiles; n++ {
			text.WriteString(powerLine(n))
		}
		w.files = append(w.files, w.write(fmt.Sprintf("in%d.ndjson", i), text.Bytes()))
	}
	return w
}

func (w *powerWorld) write(name string, content []byte) string {
	path := filepath.Join(w.root, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// folder makes the next folder of a sink.
func (w *powerWorld) folder() string {
	w.folders++
	dir := filepath.Join(w.root, fmt.Sprint("sink", w.folders))
	if err := os.Mkdir(dir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

func (w *powerWorld) now() time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(w.clock.Load()) * time.Millisecond)
}

func (w *powerWorld) config(dir string) Config {
	return Config{
		Sink: w.c.sink, Synchronous: w.c.synchronous, DeadLetters: w.c.deadLetters, Dir: dir, Now: w.now, Table: "events",
		Columns:         Columns{{Name: "n", Type: "integer"}, {Name: "lane", Type: "text"}, {Name: "value", Type: "integer"}, {Name: "pad", Type: "text"}},
		checkpointBytes: 32 << 10,
	}
}

// fate is what becomes of a record.
type fate int

const (
	stored  fate = iota
	refused      // by the schema
	misfit       // by its column
	broken       // no JSON
)

func fateOf(n int64) fate {
	switch n % 23 {
	case 5:
		return refused
	case 11:
		return misfit
	case 17:
		return broken
	}
	return stored
}

var powerLanes = [...]string{"critical", "high", "normal", "low"}

func powerLaneOf(n int64) string { return powerLanes[n*n/3%4] }

// powerPad makes rows of many lengths, none of which has a part of another.
func powerPad(n int64) string { return strings.Repeat(fmt.Sprintf("%d.", n), int(10+n*37%50)) }

func powerLine(number int) string {
	n := int64(number)
	kind, value := "good", fmt.Sprint(7*n)
	switch fateOf(n) {
	case refused:
		kind = "bad"
	case misfit:
		value = `"much"`
	case broken:
		return fmt.Sprintf(`{"n":%d,"pad":"%s`, n, powerPad(n)) + "\n"
	}
	return fmt.Sprintf(`{"n":%d,"lane":"%s","value":%s,"kind":"%s","pad":"%s"}`, n, powerLaneOf(n), value, kind, powerPad(n)) + "\n"
}

var powerNumber = regexp.MustCompile(`^\{"n":(\d+),`)

// numberOf returns a record's number, -1 for none.
func numberOf(raw []byte) int64 {
	m := powerNumber.FindSubmatch(raw)
	if m == nil {
		return -1
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// powerRule chooses the lanes.
var powerRule = pipeline.LaneRule{Field: "lane", Default: pipeline.LaneNormal, Map: map[string]pipeline.Lane{
	"critical": pipeline.LaneCritical, "high": pipeline.LaneHigh, "normal": pipeline.LaneNormal, "low": pipeline.LaneLow,
}}
