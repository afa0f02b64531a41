// Package postgrestest starts real PostgreSQL servers for tests, each in a
// temporary directory and on a unix socket of its own, and stands between one
// and its clients to lose what they say.
//
// The programs are found on the PATH or where Debian and others put them.
// Without them a test is skipped, and fails where CI is "true".
package postgrestest
