// Package sqlitetest puts a layer under SQLite, for tests: it records what is
// done to the files of a folder, and fails operations by their names.
package sqlitetest
