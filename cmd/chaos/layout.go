//go:build unix

package main

import "fmt"

// layout is what a row is made of, and what becomes of one whose key is there.
type layout string

const (
	layoutWhole   layout = "whole"   // the record as it is, beside its lane
	layoutColumns layout = "columns" // columns and the line as it came
	layoutUpdate  layout = "update"  // the same with a key: of each key the last line stays
	layoutIgnore  layout = "ignore"  // of each key the first line stays; the others are nowhere
	layoutDead    layout = "dead"    // of each key the first line stays; the others are dead letters
)

// layouts are those that a sink with tables has.
var layouts = []layout{layoutWhole, layoutUpdate, layoutColumns, layoutIgnore, layoutDead}

func (l layout) keyed() bool { return l == layoutUpdate || l == layoutIgnore || l == layoutDead }

// yaml is the part of the section persist that describes it.
func (l layout) yaml() string {
	switch {
	case l.keyed():
		return fmt.Sprintf("table: t, on_conflict: %s, columns: {k: {type: integer, key: true}, n: integer, level: text}, raw: line", l)
	case l == layoutColumns:
		return "table: t, columns: {n: integer, level: text}, raw: line"
	default:
		return "table: records"
	}
}
