package enrich

import (
	"errors"
	"fmt"
	"time"

	"sluice/pipeline"
)

// builder makes a stage of a configuration and collects what is wrong with it.
type builder struct {
	config Config
	now    time.Time
	key    string // of the step being built: "steps[2]"
	stg    *Stage
	errs   []error
}

// bad notes a mistake; the key is relative to the step.
func (b *builder) bad(key, format string, args ...any) {
	if key != "" {
		key = "." + key
	}
	b.errs = append(b.errs, &pipeline.ConfigError{Key: b.key + key, Message: fmt.Sprintf(format, args...)})
}

func (b *builder) err() error { return errors.Join(b.errs...) }

func (b *builder) stage() *Stage {
	b.stg = &Stage{}
	for i := range b.config.Steps {
		b.key = fmt.Sprintf("steps[%d]", i)
		if s := b.step(&b.config.Steps[i]); s != nil {
			b.stg.steps = append(b.stg.steps, s)
		}
	}
	return b.stg
}

// step builds one step; nil when its form is wrong.
func (b *builder) step(c *StepConfig) step {
	for _, p := range c.problems {
		b.bad(p.key, "%s", p.message)
	}
	if len(c.problems) > 0 {
		return nil
	}
	var made []step
	if c.Set != nil {
		made = append(made, b.set(c.Set))
	}
	if c.Rename != nil {
		made = append(made, b.rename(c.Rename))
	}
	if c.Remove != nil {
		made = append(made, b.remove(c.Remove))
	}
	if c.Filter != nil {
		made = append(made, b.filter(c.Filter))
	}
	if c.Lookup != nil {
		made = append(made, b.lookup(c.Lookup))
	}
	if c.Compute != nil {
		made = append(made, b.compute(c.Compute))
	}
	if len(made) != 1 {
		b.bad(c.name, "found %d steps; expected one of %v", len(made), stepNames)
		return nil
	}
	return made[0]
}

// path parses the path of a field.
func (b *builder) path(key, text string) pipeline.Path {
	if text == "" {
		b.bad(key, "the name of a field is empty")
		return pipeline.Path{}
	}
	p, err := pipeline.ParsePath(text)
	if err != nil {
		b.bad(key, "%v", err)
	}
	return p
}
