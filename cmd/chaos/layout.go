//go:build unix

package main

// layout is what a row is made of.
type layout string

const (
	layoutWhole   layout = "whole"   // the record as it is, beside its lane
	layoutColumns layout = "columns" // columns and the line as it came
	layoutUpsert  layout = "upsert"  // the same with a key: of each key the last line stays
)

// yaml is the part of the section persist that describes it.
func (l layout) yaml() string {
	switch l {
	case layoutColumns:
		return "table: t, columns: {n: integer, level: text}, raw: line"
	case layoutUpsert:
		return "table: t, columns: {k: {type: integer, key: true}, n: integer, level: text}, raw: line"
	default:
		return "table: records"
	}
}
