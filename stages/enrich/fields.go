package enrich

import (
	"bytes"
	"encoding/json"

	"sluice/pipeline"
)

// setStep sets fields to constants.
type setStep []assignment

// assignment is a field and a JSON text.
type assignment struct {
	field pipeline.Path
	json  []byte
}

func (b *builder) set(constants []Constant) step {
	return setStep(b.assignments("set", constants))
}

func (b *builder) assignments(key string, constants []Constant) []assignment {
	var assignments []assignment
	for _, c := range constants {
		var line bytes.Buffer
		if json.Compact(&line, c.Value) != nil {
			b.bad(key+"."+c.Field, "the value %.60q is no JSON text", c.Value)
		}
		assignments = append(assignments, assignment{b.path(key+"."+c.Field, c.Field), line.Bytes()})
	}
	return assignments
}

func (s setStep) apply(_ *worker, r *pipeline.Record) { assign(r, s) }

// assign sets the fields; a record where one cannot be set is rejected.
func assign(r *pipeline.Record, assignments []assignment) {
	for i := range assignments {
		if err := r.SetShared(assignments[i].field, assignments[i].json); err != nil {
			r.Reject(err)
			return
		}
	}
}

// renameStep moves fields, one after the other.
type renameStep []struct{ from, to pipeline.Path }

func (b *builder) rename(renamings []Renaming) step {
	s := make(renameStep, len(renamings))
	for i, c := range renamings {
		key := "rename." + c.From
		s[i].from, s[i].to = b.path(key, c.From), b.path(key, c.To)
	}
	return s
}

func (s renameStep) apply(_ *worker, r *pipeline.Record) {
	for i := range s {
		if err := r.Rename(s[i].from, s[i].to); err != nil {
			r.Reject(err)
			return
		}
	}
}

// removeStep takes fields out.
type removeStep []pipeline.Path

func (b *builder) remove(fields []string) step {
	if len(fields) == 0 {
		b.bad("remove", "the list is empty; expected the names of fields")
	}
	s := make(removeStep, len(fields))
	for i, field := range fields {
		s[i] = b.path("remove", field)
	}
	return s
}

func (s removeStep) apply(_ *worker, r *pipeline.Record) {
	for _, field := range s {
		r.Remove(field)
	}
}
