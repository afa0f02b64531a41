// Package enrich is the stage that changes records: a list of steps (set,
// rename, remove, filter, lookup, compute), applied to each record in order.
//
// A step writes into the record's overlay; nothing is decoded, and with set,
// rename, remove, filter, lookup and the common expressions of compute nothing
// is allocated for a record. docs/enrich.md is the reference of the steps.
package enrich
