// Package dedupe takes out records whose key came before, within a window that
// is bounded in count and, if wanted, in time.
//
// # Which one passes
//
// Of records with equal keys exactly one passes as long as it is in the window:
// looking for a key and putting it in is one step under one lock, whoever the
// workers are. It is the first whose batch is through with the other checks.
// Within a batch that is the first in the order of the lane; so it is between
// batches of a lane, unless two workers had both in hand at the same time: then
// it may be the later one. With one worker it is always the first. Between
// lanes there is no order.
//
// # What is a key
//
// A key is the values of one or more fields. Values are equal as JSON values:
// 1 and 1.0 are, "a" and "\u0061" are, 1 and "1" are not; arrays and objects are
// equal when they are spelled alike. A record that lacks one of the fields, or
// has null there, has no key and passes.
//
// The window holds a hash of 128 bits with a secret seed instead of the key: two
// different keys among a million agree with a probability below 1e-26.
//
// # What it remembers, and forgets
//
// The window belongs to one run and begins empty: a record that a stopped or
// killed run read and did not settle comes again and is no duplicate of itself.
// A key is put in once, when its record passes; duplicates do not keep it there.
// A record whose twin passed and became a dead letter in a later stage is a
// duplicate still: what both had to say is in the dead letter.
package dedupe
