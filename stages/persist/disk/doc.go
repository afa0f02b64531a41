// Package disk is where the persist stage meets the file system: a small
// interface, so that tests can fail any operation by its name, an append-only
// log of lines, and the replacement of a whole file in one step.
package disk
