// Package persist is the end of the way: it opens the sink that a
// configuration names, with the stage that encodes rows ahead of it. The sinks
// themselves are packages of their own: sqlite, postgres and ndjson.
package persist
