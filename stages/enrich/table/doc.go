// Package table holds lookup tables in memory: rows of a CSV or NDJSON file,
// found by a key, with their values ready-made as JSON. A Live table follows
// its file.
package table
