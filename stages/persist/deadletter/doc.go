// Package deadletter is the form of a dead letter wherever it is kept, and the
// file of dead letters for sinks that have no table for them.
package deadletter
