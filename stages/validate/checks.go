package validate

import (
	"errors"
	"fmt"
	"time"

	"sluice/pipeline"
	"sluice/stages/expression"
	"sluice/stages/validate/dedupe"
	"sluice/stages/validate/rules"
)

// checks are those beside the schema; nil is a check that is not wanted. They do
// not change once made, but for the window of dedupe, which has its lock.
type checks struct {
	duplicateKeys bool
	required      *rules.Required
	rules         *rules.Rules
	age           *rules.Age
	dedupe        *dedupe.Dedupe
}

// worker is the memory that one call of Process needs for itself.
type worker struct {
	now     time.Time // of the batch
	keys    pipeline.DuplicateKeys
	values  []pipeline.Value
	machine expression.Machine
	dedupe  dedupe.Scratch
}

// begin makes the worker ready for a batch, all of whose records are checked as
// of one time.
func (w *worker) begin(c *checks) {
	if c.rules != nil || c.age != nil {
		w.now = time.Now()
		w.machine.At = w.now
	}
}

// end lets go of the batch.
func (w *worker) end() {
	clear(w.values)
	w.machine.Release()
}

// newChecks makes the checks that a configuration asks for. The error joins a
// *pipeline.ConfigError for each mistake.
func newChecks(cfg Config) (c checks, err error) {
	var errs []error
	note := func(key string, err error) { errs = append(errs, under(key, err)) }
	note("duplicate_keys", cfg.DuplicateKeys.validate())
	c.duplicateKeys = cfg.DuplicateKeys == DuplicateKeysReject
	if len(cfg.Required) > 0 {
		c.required, err = rules.NewRequired(cfg.Required)
		note("required_by_lane", err)
	}
	if len(cfg.Rules) > 0 {
		c.rules, err = rules.New(cfg.Rules)
		note("rules", err)
	}
	if cfg.MaxAge != nil {
		c.age, err = rules.NewAge(*cfg.MaxAge)
		note("max_age", err)
	}
	if cfg.Dedupe != nil {
		c.dedupe, err = dedupe.New(*cfg.Dedupe)
		note("dedupe", err)
	}
	return c, errors.Join(errs...)
}

// under puts the keys of a section's mistakes under the section's own.
func under(section string, err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *pipeline.ConfigError:
		if e.Key == "" {
			return &pipeline.ConfigError{Key: section, Message: e.Message}
		}
		return &pipeline.ConfigError{Key: section + "." + e.Key, Message: e.Message}
	case interface{ Unwrap() []error }:
		var errs []error
		for _, one := range e.Unwrap() {
			errs = append(errs, under(section, one))
		}
		return errors.Join(errs...)
	}
	return &pipeline.ConfigError{Key: section, Message: err.Error()}
}

// beforeSchema are the checks of an object's form.
func (c *checks) beforeSchema(w *worker, root pipeline.Value) *pipeline.RecordError {
	if !c.duplicateKeys {
		return nil
	}
	first, second := w.keys.Find(root)
	if !second.Exists() {
		return nil
	}
	return &pipeline.RecordError{
		Code: pipeline.CodeDuplicateKey, Pointer: second.Pointer(),
		Message: fmt.Sprintf("the key %s stands twice in one object, for %s and for %s; must stand once",
			quoteName(second.Key()), quoteValue(first), quoteValue(second)),
	}
}

// afterSchema are the checks of what a record says.
func (c *checks) afterSchema(w *worker, r *pipeline.Record) (err *pipeline.RecordError) {
	if c.required != nil {
		if w.values, err = c.required.Check(w.values, r); err != nil {
			return err
		}
	}
	if c.rules != nil {
		if err := c.rules.Check(&w.machine, r); err != nil {
			return err
		}
	}
	if c.age != nil {
		return c.age.Check(r, w.now)
	}
	return nil
}
