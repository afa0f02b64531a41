// Package progress is the stored form of pipeline.Progress, and the fence that
// keeps two processes from moving the progress of one source.
package progress
