//go:build unix

package main

// sink is where the runs of a case put their rows, as the oracle sees it.
type sink interface {
	// url is that of persist.sink.
	url() string
	// read returns what is stored. No run is going on.
	read(layout) (stored, error)
	// facts for the oracle: JSON is kept by value; at least once is enough.
	facts() (byValue, repeats bool)
	close() error
}

// The sinks that a case may have.
const (
	sinkSQLite   = "sqlite"
	sinkPostgres = "postgres"
	sinkNDJSON   = "ndjson"
)

func sinkNames() []string { return []string{sinkSQLite, sinkPostgres, sinkNDJSON} }
