// Package schema checks records against a JSON Schema on their index: nothing
// is decoded, and a record that fits costs no allocation.
//
// A [Compiler] turns what santhosh-tekuri/jsonschema compiled, with its
// references resolved, into a [Program]: one rule a schema, made for the walk
// over the nodes. One walk over an object's members answers every keyword
// about objects. Keys and the strings of an enum are found through tables made
// for the schema, numbers are compared as they are spelled, exactly and without
// bound, and patterns of the usual shapes are matched without the regexp
// engine.
//
// # What is left to the library
//
// A schema with unevaluatedProperties or unevaluatedItems, and one that asserts
// content, is checked by the library on the decoded value, it alone and what is
// below it. A schema of which a part depends on how it was reached (dynamic
// references between several documents or identifiers) is left to the library
// as a whole. [Program.SlowParts] lists these places.
//
// # Cost
//
// Time is linear in the record's length whatever the record. Where a schema
// refers to itself in more than one way, a verdict on a value is kept so that
// it is found once. Sorting is the exception: the members of an object that is
// compared as a whole are sorted.
//
// Of members with the same key the last counts; what it overrides is not
// checked.
package schema
