// Package ingest brings NDJSON into a pipeline: it reads standard input and
// files, plain, gzip or zstd, cuts what it reads into lines, and hands them to
// the pipeline's intake chunk by chunk without copying a line.
//
// An input passes through three hands. A decoder tells the compression by its
// magic bytes and undoes it. A reader, the one goroutine of an input, fills
// chunks with whole lines. A framer, on the goroutine of Run, splits a chunk
// into lines and adds them to the intake, whose Flush holds everything back
// while there is no room: an input has at most two chunks outstanding, one with
// the reader and one with the framer.
//
// Stream is the source for what can be read only once; what it has read
// survives the end of a run. Files is the source for files, which it knows
// again by their content and reads on from where an earlier run got to. Bodies
// is the source for the bodies of requests, each read on the goroutine that
// posts it, in small pieces, within a memory that all bodies share.
package ingest
