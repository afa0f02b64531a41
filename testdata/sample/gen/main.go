// Gen makes the sample: events of a few services as they arrive in practice,
// some of them bad. The same arguments make the same bytes.
//
//	go run ./testdata/sample/gen > testdata/sample/events.ndjson.gz
//	go run ./testdata/sample/gen -make hosts > testdata/sample/hosts.csv
//	go run ./testdata/sample/gen -make expected > testdata/sample/expected.json
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	what := flag.String("make", "events", "events (gzip), lines (the same as text), hosts or expected")
	n := flag.Int("n", 12_000, "lines, bad ones included")
	seed := flag.Uint64("seed", 20261122, "seed")
	flag.Parse()
	if err := run(os.Stdout, *what, *n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, what string, n int, seed uint64) error {
	out := bufio.NewWriter(w)
	switch what {
	case "events":
		zip, err := gzip.NewWriterLevel(out, gzip.BestCompression)
		if err != nil {
			return err
		}
		newSample(zip, seed).write(n)
		if err := zip.Close(); err != nil {
			return err
		}
	case "lines":
		newSample(out, seed).write(n)
	case "hosts":
		writeHosts(out)
	case "expected":
		s := newSample(io.Discard, seed)
		s.write(n)
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(s.expected); err != nil {
			return err
		}
	default:
		return fmt.Errorf("-make %q: expected events, lines, hosts or expected", what)
	}
	return out.Flush()
}
