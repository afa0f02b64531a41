// Package expression evaluates expr-lang expressions on records. Field reads go
// to the record's index; no map is built of a record.
//
// Compile translates an expression twice: to bytecode of expr's machine, and,
// where every part of it is a common one, to closures that evaluate without an
// allocation. The closures handle what is ordinary and give up on the rest (an
// operand of another type, a list as a value, an overflow): the machine then
// evaluates the whole expression again, so that there is one semantics and one
// set of messages.
//
// What differs from plain expr-lang, in both:
//
//   - A name is a field of the record, whatever else it may be called in the
//     language; a.b["c.d"][0] is a path; $env["id.orig_h"] reads a key as it
//     stands; $env alone is the whole record.
//   - A field that is missing or null ends the evaluation with KindMissing, but
//     for the left side of ??, and a comparison with nil.
//   - Integers beyond 64 bits, division by zero and endless loops are failures,
//     not wrapped numbers, infinities and a stuck worker.
//   - A text beside a time is read as an RFC 3339 timestamp: ts > now(),
//     now() - ts > duration("24h"). One that is none is a failure. Two texts
//     compare as texts.
//   - now() is the same all through an evaluation.
//   - string(...) gives JSON texts, of a field as the record spells it, not Go's
//     spelling.
package expression
