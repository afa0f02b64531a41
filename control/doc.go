// Package control is the one way to steer a running sluice. One goroutine, the
// loop, owns the life-cycle: it opens a run, starts it, stops it and tells how
// it stands. It reads one bounded channel of commands; HTTP (package api),
// signals and the command line go through that channel and nothing else.
//
// A [Command] is a typed value. [Controller.Do] hands it over and waits for the
// answer; whoever asks may give up at any time, because the loop never waits
// for anyone. A full channel answers [ErrBusy] at once. Commands are
// idempotent: starting what runs and stopping what has stopped change nothing.
//
// The states are those of pipeline.State. Stop ends the run, not the loop: the
// finished run's ledger is shown until the next Start opens a new one.
package control
