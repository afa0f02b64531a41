// Package ndjson is the sink for files and streams of NDJSON.
//
// A file is durable when it was synced, which happens about once a second or
// every 128 MiB unless Options.Sync says otherwise, and when the pipeline is
// flushed; only then are groups settled and is progress stored, in a file beside
// the rows. A crash in between leaves rows behind that no progress vouches for:
// they come again. So a file has each record at least once. A stream has no
// progress.
//
// With rotation rows go to a partial file that gets its name when it is finished
// (see rotate.go for the steps). Each checkpoint of a compressed file ends a
// frame (see frames.go), so that what is torn can be told and cut.
package ndjson
