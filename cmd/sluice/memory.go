package main

import "runtime/debug"

// runtimeRoom is what the process needs besides the records on their way:
// lookup tables, compiled schema, the database's cache, stacks and the garbage
// that waits for the next collection.
const runtimeRoom = 48 << 20

// limitMemory makes the garbage collector work harder before the process grows
// past the budget and its own needs, so that memory stays flat however long
// the input is. It is a soft limit: a large lookup table can exceed it. GOMEMLIMIT
// beats it. restore puts the old limit back.
func (p *process) limitMemory(budget int64) (restore func()) {
	if p.environ["GOMEMLIMIT"] != "" {
		return func() {}
	}
	old := debug.SetMemoryLimit(budget + runtimeRoom)
	return func() { debug.SetMemoryLimit(old) }
}
