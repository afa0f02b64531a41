// Package postgres is the sink for PostgreSQL, version 12 or newer.
//
// Rows, dead letters and progress of a group go in with one transaction, so a
// group is settled when Write returns. The rows come encoded from the workers
// before, in COPY's binary format, so the one goroutine that writes only
// streams them: into the table itself, or, where there is a key, into a
// temporary table and from there with one INSERT ... ON CONFLICT.
//
// There is one connection and at most one open transaction. A database that is
// away is an error that wraps pipeline.Transient: nothing was stored, or it is
// not known yet, and the same group is to be written again. The next Write
// connects anew and, when the answer to a COMMIT was lost, finds out first
// whether that transaction is in: by the progress it was to move, or, for
// groups that move none, by the number it was to leave in sluice_commits.
package postgres
