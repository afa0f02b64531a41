package enrich_test

import (
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

func TestTheStageIndexesAsDeepAsTheSourceAllows(t *testing.T) {
	nested := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}" }
	for _, c := range []struct {
		name            string
		maxDepth, lives int
	}{
		{"unless set, as deep as the engine does", 0, pipeline.DefaultMaxDepth},
		{"deeper where the source is", 300, 300},
		{"less deep where the source is", 4, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			stage, err := enrich.New(enrich.Config{MaxDepth: c.maxDepth, Steps: []enrich.StepConfig{{Remove: []string{"b"}}}})
			if err != nil {
				t.Fatal(err)
			}
			b := process(t, stage, nested(c.lives), nested(c.lives+1))
			if !b.Record(0).Live() {
				t.Errorf("%d levels: %v", c.lives, b.Record(0).Err())
			}
			if err := b.Record(1).Err(); err == nil || err.Code != pipeline.CodeTooDeep {
				t.Errorf("%d levels: %v, want too_deep", c.lives+1, err)
			}
		})
	}
}
