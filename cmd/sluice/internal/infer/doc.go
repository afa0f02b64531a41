// Package infer looks at records and tells what they have in common: a JSON
// Schema that accepts every one of them, the columns of a table for them, and a
// field that may choose their lanes.
//
// An Inference takes records one after another into a tree of shapes: what is
// known of the values at one place. Its memory is bounded whatever comes: a
// place keeps few values, an object with too many different keys becomes a map
// whose values have one shape in common, and beyond a number of shapes new
// places are not looked into. All of this makes the schema accept more, never
// less.
package infer
