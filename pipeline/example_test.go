package pipeline_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// A pipeline with a stage of one's own: it rejects what has no price and adds a
// field to the rest. The sink prints; a real one would store.
func Example() {
	price, vat := pipeline.MustPath("price"), pipeline.MustPath("vat")
	tax := pipeline.EachRecord(func(_ context.Context, r *pipeline.Record) error {
		if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
			return err
		}
		net, ok := r.Get(price).Float64()
		if !ok {
			return &pipeline.RecordError{Code: pipeline.CodeRule, Pointer: "/price", Message: "there is no price"}
		}
		if err := r.SetFloat(vat, net*0.25); err != nil {
			return err
		}
		return nil
	})
	p, err := pipeline.New(pipeline.Config{
		Stages: []pipeline.StageConfig{{Name: "tax", Stage: tax, Workers: 4}},
		Sink:   printer{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	lines := "{\"item\":\"tea\",\"price\":4}\n{\"item\":\"air\"}\n"
	if err := p.Run(context.Background(), ingest.NewStream(strings.NewReader(lines), "lines", ingest.Config{})); err != nil {
		fmt.Println(err)
	}
	fmt.Println(p.Status().Ledger.Persisted, "row")
	// Output:
	// {"item":"tea","price":4,"vat":1}
	// line 2: rule at /price: there is no price
	// 1 row
}

// printer is a sink that prints rows and dead letters.
type printer struct{}

func (printer) Write(_ context.Context, g *pipeline.Group) (settled bool, err error) {
	for _, b := range g.Batches {
		for i := range b.Len() {
			switch r := b.Record(i); {
			case r.Live():
				fmt.Fprintln(os.Stdout, string(r.AppendJSON(nil)))
			case r.Err() != nil:
				fmt.Printf("line %d: %v\n", r.Line(), r.Err())
			}
		}
	}
	return true, nil
}

func (printer) Flush(context.Context) error { return nil }
