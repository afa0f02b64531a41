package ingest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// table is a sink in memory: it keeps rows and progress, as a database would.
type table struct {
	rows     []string
	progress map[string]pipeline.Progress
	failAt   int // number of the write that fails; 0 for none
	writes   int
}

func (t *table) Write(_ context.Context, g *pipeline.Group) (settled bool, err error) {
	if t.writes++; t.writes == t.failAt {
		return false, fmt.Errorf("write %d: the disk is full", t.writes)
	}
	for _, b := range g.Batches {
		for i := range b.Len() {
			t.rows = append(t.rows, string(b.Record(i).Raw()))
		}
	}
	for _, p := range g.Progress {
		p.Version++
		t.progress[p.Source] = p
	}
	return true, nil
}

func (t *table) Flush(context.Context) error { return nil }

func (t *table) stored() (stored []pipeline.Progress) {
	for _, p := range t.progress {
		stored = append(stored, p)
	}
	return stored
}

func (t *table) run(ctx context.Context, src pipeline.Source) error {
	p, err := pipeline.New(pipeline.Config{Stages: []pipeline.StageConfig{{Name: "pass"}}, Sink: t})
	if err != nil {
		return err
	}
	return p.Run(ctx, src)
}

func ExampleNewStream() {
	stdin := strings.NewReader("{\"n\":1}\r\n\n{\"n\":2}")
	src := ingest.NewStream(stdin, "stdin", ingest.Config{Rule: pipeline.DefaultLaneRule()})
	t := &table{progress: map[string]pipeline.Progress{}}
	if err := t.run(context.Background(), src); err != nil {
		fmt.Println(err)
	}
	fmt.Println(t.rows)
	// Output: [{"n":1} {"n":2}]
}

func ExampleOpenFiles() {
	dir, err := os.MkdirTemp("", "sluice")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "events.ndjson")
	os.WriteFile(path, []byte("{\"n\":1}\n{\"n\":2}\n"), 0o600)

	t := &table{progress: map[string]pipeline.Progress{}}
	for range 2 {
		files, err := ingest.OpenFiles([]string{path}, t.stored(), false, ingest.Config{Rule: pipeline.DefaultLaneRule()})
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := t.run(context.Background(), files); err != nil {
			fmt.Println(err)
		}
		fmt.Println(len(t.rows), "rows, already done:", files.Reports()[0].Done)
	}
	// Output:
	// 2 rows, already done: false
	// 2 rows, already done: true
}
