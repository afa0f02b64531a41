package progress_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/progress"
)

func TestStoredProgressComesBack(t *testing.T) {
	p := pipeline.Progress{
		Source: "s", Name: "in \"x\"", Lanes: [4]int64{1, 2, 3, 4}, Frontier: 1, Line: 5, Mark: "m", High: 4,
		Rules: []pipeline.RuleSpan{{Until: 4, Rule: pipeline.DefaultLaneRule()}},
	}
	text, err := json.Marshal(progress.Store(&p, 9, time.Unix(0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	var stored progress.Stored
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	p.Version = 9
	if got := stored.Progress(); !reflect.DeepEqual(got, p) {
		t.Errorf("got %+v of %s", got, text)
	}
}

func TestLanesOfAnUnknownNameAreAnError(t *testing.T) {
	var lanes progress.Lanes
	if err := json.Unmarshal([]byte(`{"urgent":1}`), &lanes); err == nil {
		t.Errorf("got %v", lanes)
	}
}

func TestTheFenceCountsFromTheFirstVersionItSees(t *testing.T) {
	var f progress.Fence
	p := pipeline.Progress{Source: "s", Version: 7}
	for want := int64(7); want < 10; want++ {
		if got := f.Last(&p); got != want {
			t.Errorf("got %d, expected %d", got, want)
		}
		f.Moved([]pipeline.Progress{p})
	}
	other := pipeline.Progress{Source: "t"}
	if got := f.Last(&other); got != 0 {
		t.Errorf("another source: got %d", got)
	}
	if err := progress.Fenced(&p, "x.db"); !errors.Is(err, pipeline.ErrFenced) {
		t.Error(err)
	}
}
