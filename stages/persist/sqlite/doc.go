// Package sqlite is the sink for SQLite databases.
//
// Rows, dead letters and progress of a group go in with one transaction, so a
// group is settled when Write returns: the database has all of it or nothing,
// whatever happens to the process. With synchronous normal (the default) a loss
// of power may take back the last transactions, rows and progress together.
//
// There is one connection and one writer. The rows come ready made from the
// workers before (package row), so the writer binds and steps and no more.
package sqlite
