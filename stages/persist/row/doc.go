// Package row turns records into typed rows: which columns there are, where
// their values come from, and how a JSON value becomes the value of a column. It
// does this ahead of the sink, in the workers of the persist stage, so that the
// one goroutine that writes has nothing to do but write.
package row
