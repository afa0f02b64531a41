package telemetry_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"

	"sluice/pipeline"
	"sluice/telemetry"
)

// A run is measured and scraped. With OTEL_EXPORTER_OTLP_ENDPOINT set, the same
// figures would also go to a collector.
func Example() {
	ctx := context.Background()
	metrics, err := telemetry.New(ctx, telemetry.Config{Version: "1.0", Warn: func(s string) { fmt.Fprintln(os.Stderr, s) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer metrics.Shutdown(ctx)

	p, err := pipeline.New(pipeline.Config{
		Stages:   []pipeline.StageConfig{{Name: "check"}},
		Sink:     discard{},
		Observer: metrics.Observer(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	end := metrics.Follow(p)
	if err := p.Run(ctx, lines{`{"id":1}`, `{"id":2}`}); err != nil {
		fmt.Println(err)
	}
	end()

	page := httptest.NewRecorder() // in a program: mux.Handle("GET /metrics", metrics.Handler())
	metrics.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for s := bufio.NewScanner(page.Body); s.Scan(); {
		if strings.HasPrefix(s.Text(), "sluice_stage_records_total") && strings.Contains(s.Text(), `"normal",sluice_outcome="ok"`) {
			fmt.Println(s.Text())
		}
	}
	// Output:
	// sluice_stage_records_total{sluice_lane="normal",sluice_outcome="ok",sluice_stage="check"} 2
}

// lines is a source of a few records.
type lines []string

func (l lines) Run(ctx context.Context, feed pipeline.Feed) error {
	in, err := feed.Intake(pipeline.Progress{Name: "lines"}, pipeline.DefaultLaneRule())
	if err != nil {
		return err
	}
	c := pipeline.NewChunk()
	c.Bytes = append(c.Bytes, strings.Join(l, "")...)
	in.Begin(c)
	at := 0
	for i, line := range l {
		in.Add(c.Bytes[at:at+len(line)], int64(at), int64(i+1))
		at += len(line)
	}
	return in.Flush(ctx)
}

type discard struct{}

func (discard) Write(context.Context, *pipeline.Group) (bool, error) { return true, nil }
func (discard) Flush(context.Context) error                          { return nil }
