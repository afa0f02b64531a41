package ingest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// TestFilesThroughFailingRuns starts a pipeline again and again on files that
// grow, into a sink that fails now and then, and wants each record once.
func TestFilesThroughFailingRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}
	written := map[string]int{}
	grow := func(path string) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for range 1 + rng.IntN(2000) {
			fmt.Fprintf(f, "{\"file\":%q,\"n\":%d,\"pad\":%q}\n\n", filepath.Base(path), written[path], strings.Repeat("x", rng.IntN(500)))
			written[path]++
		}
	}
	tab := &table{progress: map[string]pipeline.Progress{}}
	for round := range 40 {
		grow(paths[rng.IntN(2)])
		grow(paths[0])
		grow(paths[1])
		tab.writes, tab.failAt = 0, rng.IntN(12)
		if round == 39 {
			tab.failAt = 0
		}
		files, err := ingest.OpenFiles(paths, tab.stored(), false, ingest.Config{Rule: pipeline.DefaultLaneRule()})
		if err != nil {
			t.Fatal(err)
		}
		err = tab.run(context.Background(), files)
		if failed := tab.failAt > 0 && tab.writes >= tab.failAt; failed != (err != nil) {
			t.Fatalf("round %d: error %v with %d writes of which number %d fails", round, err, tab.writes, tab.failAt)
		}
	}
	for _, path := range paths {
		prefix := fmt.Sprintf("{\"file\":%q,", filepath.Base(path))
		rows := slices.DeleteFunc(slices.Clone(tab.rows), func(r string) bool { return !strings.HasPrefix(r, prefix) })
		if len(rows) != written[path] {
			t.Errorf("%s: %d rows of %d records", filepath.Base(path), len(rows), written[path])
		}
		for i, row := range rows {
			if !strings.HasPrefix(row, fmt.Sprintf("%s\"n\":%d,", prefix, i)) {
				t.Fatalf("%s: row %d is %.40s", filepath.Base(path), i, row)
			}
		}
	}
	if len(tab.progress) != 2 {
		t.Errorf("%d sources, want 2", len(tab.progress))
	}
}
