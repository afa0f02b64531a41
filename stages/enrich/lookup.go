package enrich

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"sluice/pipeline"
	"sluice/stages/enrich/table"
	"sluice/stages/nearest"
)

// lookupStep adds the values of the row that a field's text finds.
type lookupStep struct {
	table    int // among the worker's tables
	name     string
	field    pipeline.Path
	pointer  string
	targets  []pipeline.Path // of the row's columns
	miss     []assignment    // what a miss sets
	missDead bool
}

func (b *builder) lookup(c *LookupConfig) step {
	s := &lookupStep{table: len(b.stg.tables), name: filepath.Base(c.Table), missDead: c.OnMiss == OnMissDead}
	before := len(b.errs)
	if s.field = b.path("lookup.field", c.Field); !s.field.Zero() {
		s.pointer = s.field.Pointer()
	}
	if len(c.Add) == 0 {
		b.bad("lookup.add", "it is empty; expected new field: table column")
	}
	wanted := table.Config{Path: b.file(c.Table), Key: c.Key, Types: c.Types}
	for _, a := range c.Add {
		s.targets = append(s.targets, b.path("lookup.add."+a.Field, a.Field))
		wanted.Columns = append(wanted.Columns, a.Column)
	}
	s.miss = b.miss(c, s.targets)
	b.types(c)
	if c.Table == "" {
		b.bad("lookup.table", "it is not set; expected a CSV or NDJSON file")
	}
	if c.Key == "" {
		b.bad("lookup.key", "it is not set; expected the table's column to compare with %s", c.Field)
	}
	if len(b.errs) > before {
		return s
	}
	live, err := table.NewLive(wanted, b.now, b.config.Warn)
	if errors.Is(err, fs.ErrNotExist) {
		b.bad("lookup.table", "there is no file %s (the path is relative to the configuration file)", wanted.Path)
		return s
	}
	if err != nil {
		b.bad("lookup.table", "%v", err)
		return s
	}
	b.stg.tables = append(b.stg.tables, live)
	return s
}

func (b *builder) file(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(b.config.Dir, path)
}

// miss returns what the record gets when there is no row.
func (b *builder) miss(c *LookupConfig, targets []pipeline.Path) []assignment {
	switch c.OnMiss {
	case OnMissNothing, OnMissDead:
	case OnMissNull:
		nulls := make([]assignment, len(targets))
		for i, t := range targets {
			nulls[i] = assignment{t, jsonNull}
		}
		return nulls
	case OnMissDefault:
		return b.defaults(c)
	default:
		b.bad("lookup.on_miss", "found %q; expected null, default or dead", string(c.OnMiss))
	}
	if len(c.Default) > 0 {
		b.bad("lookup.default", "it has no effect without on_miss: default")
	}
	return nil
}

func (b *builder) defaults(c *LookupConfig) []assignment {
	if len(c.Default) == 0 {
		b.bad("lookup.default", "it is not set; on_miss: default expects the values of added fields")
	}
	var added []string
	for _, a := range c.Add {
		added = append(added, a.Field)
	}
	for _, d := range c.Default {
		if !slices.Contains(added, d.Field) {
			b.bad("lookup.default."+d.Field, "it is not one of the fields under add%s", nearest.Hint(d.Field, added))
		}
	}
	return b.assignments("lookup.default", c.Default)
}

func (b *builder) types(c *LookupConfig) {
	for column, t := range c.Types {
		if !slices.Contains(table.Types, string(t)) {
			b.bad("lookup.types."+column, "unknown type %q; expected %s%s",
				t, strings.Join(table.Types, ", "), nearest.Hint(string(t), table.Types))
		}
		if !slices.ContainsFunc(c.Add, func(a Addition) bool { return a.Column == column }) {
			b.bad("lookup.types."+column, "no field under add takes that column")
		}
	}
}

func (s *lookupStep) apply(w *worker, r *pipeline.Record) {
	row, ok := s.find(w, r)
	switch {
	case ok:
		for i, json := range row {
			if json == nil {
				continue
			}
			if err := r.SetShared(s.targets[i], json); err != nil {
				r.Reject(err)
				return
			}
		}
	case s.missDead:
		r.Reject(s.dead(r))
	default:
		assign(r, s.miss)
	}
}

// find looks for the row of the field's text: a string's characters, a number
// or boolean as it is spelled. Anything else finds none.
func (s *lookupStep) find(w *worker, r *pipeline.Record) (row [][]byte, ok bool) {
	v := r.Get(s.field)
	switch v.Kind() {
	case pipeline.KindString, pipeline.KindNumber, pipeline.KindBool:
		w.text = v.AppendText(w.text[:0])
		return w.tables[s.table].Find(w.text)
	}
	return nil, false
}

func (s *lookupStep) dead(r *pipeline.Record) *pipeline.RecordError {
	message := ""
	switch v := r.Get(s.field); v.Kind() {
	case pipeline.KindString, pipeline.KindNumber, pipeline.KindBool:
		message = fmt.Sprintf("no row of %s has the key %.*q", s.name, maxShown, v.AppendText(nil))
	default:
		message = fmt.Sprintf("the field is %s; expected a key of %s", v.Kind(), s.name)
	}
	return &pipeline.RecordError{Code: pipeline.CodeLookupMiss, Pointer: s.pointer, Message: message}
}
