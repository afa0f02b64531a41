package progress_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/progress"
)

func TestOnlyASourceOfWhichSomethingWasReadVouchesForRows(t *testing.T) {
	all := []pipeline.Progress{{Name: "empty"}, {Name: "read", Frontier: 7, High: 7}, {Name: "begun", High: 3}}
	if got := progress.Vouching(all); len(got) != 2 || got[0].Name != "read" || got[1].Name != "begun" {
		t.Errorf("got %v", got)
	}
}

func TestManySourcesAreCountedNotNamed(t *testing.T) {
	g := &progress.Gone{Table: "t", Progress: "p"}
	for i := range 8 {
		g.Sources = append(g.Sources, pipeline.Progress{Name: fmt.Sprintf("f%d", i), High: 9})
	}
	if !strings.Contains(g.Error(), "f0 (up to byte 9), ") || !strings.Contains(g.Error(), "f4 (up to byte 9), 3 more") || strings.Contains(g.Error(), "f5") {
		t.Error(g)
	}
}
