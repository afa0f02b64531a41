package validate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sluice/pipeline"
)

// Schemas chooses a record's schema by the value of a field.
type Schemas struct {
	By      string            // path of the field
	Map     map[string]string // paths of schema files by the value of the field
	Default UnknownSchema
}

// UnknownSchema says what becomes of a record whose field has no value of the
// map, or that has no such field.
type UnknownSchema string

// The ways to treat those records.
const (
	UnknownReject UnknownSchema = "reject" // a dead letter, schema; "" is the same
	UnknownPass   UnknownSchema = "pass"   // it is checked against no schema
)

// bySchemas is a Checker that leaves a record to the checker of its kind.
type bySchemas struct {
	field    pipeline.Path
	pointer  string
	checkers map[string]*programChecker
	names    []string // the keys of checkers, sorted
	pass     bool
}

var _ Checker = (*bySchemas)(nil)

// compileSchemas makes the checker. The error joins *pipeline.ConfigError values
// with keys of the stage's section.
func compileSchemas(s *Schemas, options Options) (Checker, error) {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &pipeline.ConfigError{Key: "schemas." + key, Message: fmt.Sprintf(format, args...)})
	}
	b := &bySchemas{checkers: map[string]*programChecker{}, names: slices.Sorted(maps.Keys(s.Map)), pass: s.Default == UnknownPass}
	var err error
	if b.field, err = pipeline.ParsePath(s.By); err != nil {
		bad("by", "%v", err)
	} else {
		b.pointer = b.field.Pointer()
	}
	if s.Default != "" && s.Default != UnknownReject && s.Default != UnknownPass {
		bad("default", "%q; expected %s or %s", string(s.Default), UnknownReject, UnknownPass)
	}
	if len(s.Map) == 0 {
		bad("map", "it is empty; expected a schema for each value of %s, such as {order: order.schema.json}", orField(s.By))
	}
	for _, name := range b.names {
		checker, err := compileFile(s.Map[name], options)
		if err != nil {
			bad("map."+keyOf(name), "%v", err)
			continue
		}
		b.checkers[name] = checker
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return b, nil
}

// keyOf returns a name as it stands in a dotted key.
func keyOf(name string) string {
	if strings.ContainsAny(name, ".[\"") {
		return strconv.Quote(name)
	}
	return name
}

func orField(by string) string {
	if by == "" {
		return "the field"
	}
	return by
}

// Check implements Checker.
func (b *bySchemas) Check(root pipeline.Value) *Failure {
	checker, f := b.choose(root)
	if checker == nil {
		return f
	}
	return checker.Check(root)
}

// CheckAll implements Checker.
func (b *bySchemas) CheckAll(root pipeline.Value) *Failure {
	checker, f := b.choose(root)
	if checker == nil {
		return f
	}
	return checker.CheckAll(root)
}

// choose returns the checker of a record, or what is wrong where there is none.
// Strings compare by what they stand for, numbers and booleans by how they are
// spelled.
func (b *bySchemas) choose(root pipeline.Value) (*programChecker, *Failure) {
	v := root.At(b.field)
	switch v.Kind() {
	case pipeline.KindString, pipeline.KindNumber, pipeline.KindBool:
		var buf [64]byte
		if checker := b.checkers[string(v.Text(buf[:0]))]; checker != nil {
			return checker, nil
		}
	}
	if b.pass {
		return nil, nil
	}
	where := shorten(b.pointer, maxPointer)
	found := where + " is missing"
	if v.Exists() {
		found = where + " is " + quoteValue(v)
	}
	return nil, &Failure{
		Pointer: b.pointer,
		Message: fmt.Sprintf("%s; it chooses the schema and must be one of %s", found, quoteList(b.names)),
	}
}
