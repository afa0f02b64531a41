// Package rules checks records beside their schema: by expressions that name a
// fault, by the fields that a lane asks for, and by a timestamp's age.
//
// A check is made once, of its configuration, and used by any number of
// goroutines; what it needs for itself while it looks at a record it gets from
// its caller. None allocates for a record that passes.
package rules
