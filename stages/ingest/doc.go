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
// again by their content and reads on from where an earlier run got to. Follow
// is the source for files that others are writing, through rotation. Bodies
// is the source for the bodies of requests, each read on the goroutine that
// posts it, in small pieces, within a memory that all bodies share.
//
// # Which file is which
//
// A stored progress vouches for one file of a run. A file alone that has the
// content of one that was read is that one, whatever its name: it was renamed,
// compressed, or copied in place of the original. One of less than 4 KiB must
// also have kept its name or its inode: many logs begin alike. Of two such files
// given together the surer one (see assign) is the one that was read, and the other is
// a file of its own, read from its start, with a warning that says so. So are
// two equal files that are both new. Two files of equal content need not be a
// copy by mistake: two services may well have logged the same short start. A
// file that is left out is a loss nobody sees; one that is read twice shows in
// the counts, and a key on the table mends it.
//
// What stands before the position proves that a file is the one: the last 1 KiB
// of a plain file, everything of a compressed one. For gzip and zstd tell of
// damage only at the end of a member or frame, when what came before is taken:
// the whole lines of such a file are delivered, the run ends with
// pipeline.ErrSourceTruncated, and the file that replaces it differs from what
// was taken and is read from its start. The rows of the damaged run stay beside
// the new ones, but where a key makes them the same.
package ingest
