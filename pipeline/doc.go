// Package pipeline is the engine of sluice, and a library for pipelines of
// one's own: records in batches, bounded channels of four priority lanes, pools
// of workers around stages, a sink at the end, and a ledger that accounts for
// every record.
package pipeline
