package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sluice/pipeline"
)

// Slow says how long stages wait with each batch, before they work on it.
type Slow map[string]Waits

// Waits are those of one stage, by lane.
type Waits [pipeline.LaneCount]time.Duration

// ParseSlow reads each --slow-stage: a stage and a time for all lanes, or for
// some.
func ParseSlow(list []string) (Slow, error) {
	slow := Slow{}
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q; expected a stage and a time such as enrich=5ms", text)
		}
		if _, twice := slow[name]; twice {
			return nil, fmt.Errorf("the stage %s stands there twice", name)
		}
		waits, err := parseWaits(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		slow[name] = waits
	}
	return slow, nil
}

func parseWaits(text string) (waits Waits, err error) {
	if !strings.Contains(text, ":") {
		d, err := parseWait(text)
		for l := range waits {
			waits[l] = d
		}
		return waits, err
	}
	err = pairs(text, ":", "low:500ms,critical:5ms", func(lane pipeline.Lane, value string) error {
		d, err := parseWait(value)
		if err != nil {
			return fmt.Errorf("%v: %w", lane, err)
		}
		waits[lane] = d
		return nil
	})
	return waits, err
}

func parseWait(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q; expected a time with its unit, such as 5ms", text)
	}
	return d, nil
}

// Check finds stages that a pipeline does not have.
func (s Slow) Check(stages []pipeline.StageConfig) error {
	var names []string
	known := map[string]bool{}
	for _, stage := range stages {
		names = append(names, stage.Name)
		known[stage.Name] = true
	}
	for name := range s {
		if !known[name] {
			return fmt.Errorf("there is no stage %s; expected %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

// around puts the waits before the stages' own work.
func (s Slow) around(stages []pipeline.StageConfig) {
	for i := range stages {
		if waits, ok := s[stages[i].Name]; ok {
			stages[i].Stage = slowStage(stages[i].Stage, waits)
		}
	}
}

// slowStage returns a stage that waits and then works. A batch that comes to it
// again, because a record of it failed, waits again. It stays Repeatable where
// the stage is.
func slowStage(stage pipeline.Stage, waits Waits) pipeline.Stage {
	slow := pipeline.StageFunc(func(ctx context.Context, b *pipeline.Batch) error {
		if d := waits[b.Lane()]; d > 0 {
			if err := wait(ctx, d); err != nil {
				return err
			}
		}
		if stage == nil {
			return nil
		}
		return stage.Process(ctx, b)
	})
	if _, ok := stage.(pipeline.Repeatable); ok {
		return repeatable{slow}
	}
	return slow
}

type repeatable struct{ pipeline.Stage }

func (repeatable) Repeatable() {}

// wait returns the context's cause when that ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
