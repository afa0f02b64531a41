package main

import "runtime/debug"

// processRoom is the resident memory that the process may take beside the records on
// their way; programRoom is what of it the runtime does not count: the binary's own
// pages. What is left is for lookup tables, the compiled schema, stacks and
// garbage that waits for the next collection.
const (
	processRoom = 64 << 20
	programRoom = 34 << 20
)

// limitMemory makes the garbage collector work harder before the process grows
// past the budget and its own needs, so that memory stays flat however long
// the input is. outside is what is taken from the system past the runtime. It is a
// soft limit: a large lookup table can exceed it. GOMEMLIMIT beats it. restore
// puts the old limit back.
func (p *process) limitMemory(budget, outside int64) (restore func()) {
	if p.environ["GOMEMLIMIT"] != "" {
		return func() {}
	}
	old := debug.SetMemoryLimit(budget + processRoom - programRoom - outside)
	return func() { debug.SetMemoryLimit(old) }
}
