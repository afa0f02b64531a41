package pipeline_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/sourcegraph/conc"

	"sluice/pipeline"
	"sluice/stages/enrich"
	"sluice/stages/persist"
	"sluice/stages/persist/row"
	"sluice/stages/validate"
	"sluice/telemetry"
)

// BenchmarkOverPlainChannels runs the same stages over the same records twice:
// with lanes, order, ledger, byte budget and metrics, and with one plain Go channel
// of batches before each stage and nothing else: no lanes, no order, no account. An
// operation is one record. Compare the two of one run:
//
//	go test -run '^$' -bench OverPlainChannels -benchtime 1000000x -count 7 ./pipeline
func BenchmarkOverPlainChannels(b *testing.B) {
	job := newOverheadJob(b)
	b.Run("plain", job.plain)
	b.Run("sluice", job.sluice)
}

// overheadJob is what both sides do: scan and check, two expressions, rows of
// thirteen columns, and a sink that throws them away.
type overheadJob struct {
	chunk  []byte
	stages [3]pipeline.Stage
	sink   pipeline.Sink
}

const overheadWorkers = 2

func newOverheadJob(b *testing.B) *overheadJob {
	b.Helper()
	dir := b.TempDir()
	schema := filepath.Join(dir, "event.schema.json")
	text := `{"type": "object", "required": ["id", "ts"], "properties": {"id": {"type": "string"}, "status": {"type": "integer", "maximum": 599},
		"level": {"enum": ["debug", "info", "warn", "error"]}, "duration_ms": {"type": "number", "minimum": 0}}}`
	if err := os.WriteFile(schema, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	check, err := validate.New(validate.Config{Schema: schema})
	if err != nil {
		b.Fatal(err)
	}
	steps, err := enrich.New(enrich.Config{Steps: []enrich.StepConfig{{Compute: &enrich.ComputeConfig{Fields: []enrich.Computation{
		{Field: "slow", Expression: "duration_ms > 500"}, {Field: "severity", Expression: "level in ['error', 'fatal'] ? 4 : 2"},
	}}}}})
	if err != nil {
		b.Fatal(err)
	}
	var columns persist.Columns
	for name, kind := range map[string]row.Type{"id": "text", "ts": "timestamp", "level": "text", "service": "text", "host": "text", "ip": "text",
		"user_id": "integer", "status": "integer", "duration_ms": "real", "path": "text", "msg": "text", "severity": "integer", "slow": "boolean"} {
		columns = append(columns, row.Column{Name: name, Type: kind})
	}
	out, err := persist.Open(b.Context(), persist.Config{Sink: "null://", Columns: columns, Stdout: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { out.Close() })
	return &overheadJob{chunk: overheadChunk(), stages: [3]pipeline.Stage{check, steps, out.Encoder()}, sink: out.Sink()}
}

// overheadChunk is a chunk full of different events of about 250 bytes.
func overheadChunk() []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var lines []byte
	for len(lines) < pipeline.ChunkSize-400 {
		lines = fmt.Appendf(lines, `{"id":"%016x","ts":"2026-01-02T03:04:%02d.%03dZ","level":"info","service":"cart","host":"web-%d","ip":"192.0.2.%d",`+
			`"user_id":%d,"status":%d,"duration_ms":%.1f,"path":"/api/cart/items/%d","msg":"upstream call finished"}`+"\n",
			r.Uint64(), r.IntN(60), r.IntN(1000), r.IntN(1000), r.IntN(256), r.IntN(1e7), 200+r.IntN(300), r.ExpFloat64()*300, r.IntN(1e6))
	}
	return lines
}

// eachLine calls f for the lines of the chunk, from the start again, n times.
func (j *overheadJob) eachLine(n int, chunk func([]byte), line func(raw []byte, at int)) {
	for n > 0 {
		text := j.chunk
		chunk(text)
		for at := 0; at < len(text) && n > 0; n-- {
			end := at
			for text[end] != '\n' {
				end++
			}
			line(text[at:end:end], at)
			at = end + 1
		}
	}
}

func (j *overheadJob) sluice(b *testing.B) {
	metrics, err := telemetry.New(b.Context(), telemetry.Config{Console: io.Discard, Warn: func(string) {}})
	if err != nil {
		b.Fatal(err)
	}
	defer metrics.Shutdown(context.Background())
	cfg := pipeline.Config{Sink: j.sink, Observer: metrics.Observer()}
	for i, name := range []string{"validate", "enrich", "persist"} {
		cfg.Stages = append(cfg.Stages, pipeline.StageConfig{Name: name, Stage: j.stages[i], Workers: overheadWorkers})
	}
	p, err := pipeline.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer metrics.Follow(p)()
	b.ReportAllocs()
	b.ResetTimer()
	if err := p.Run(b.Context(), overheadSource{j, b.N}); err != nil {
		b.Fatal(err)
	}
	if got := p.Status().Ledger.Persisted; got != int64(b.N) {
		b.Fatalf("persisted %d of %d", got, b.N)
	}
}

// overheadSource feeds the pipeline.
type overheadSource struct {
	job *overheadJob
	n   int
}

func (s overheadSource) Run(ctx context.Context, feed pipeline.Feed) error {
	in, err := feed.Intake(pipeline.Progress{}, pipeline.DefaultLaneRule())
	if err != nil {
		return err
	}
	open := false
	flush := func() {
		if open && err == nil {
			err = in.Flush(ctx)
		}
	}
	var text []byte
	s.job.eachLine(s.n, func(lines []byte) {
		flush()
		c := pipeline.NewChunk()
		c.Bytes = append(c.Bytes, lines...)
		text, open = c.Bytes, true
		in.Begin(c)
	}, func(raw []byte, at int) { in.Add(text[at:at+len(raw)], int64(at), 1) })
	flush()
	return err
}

func (j *overheadJob) plain(b *testing.B) {
	var channels [4]chan *pipeline.Batch
	for i := range channels {
		channels[i] = make(chan *pipeline.Batch, pipeline.DefaultCapacity/pipeline.MaxBatchRecords)
	}
	var release func(*pipeline.Batch)
	_, release = pipeline.NewPlainBatch(pipeline.LaneNormal, nil)
	b.ReportAllocs()
	b.ResetTimer()
	var crew conc.WaitGroup
	for i, stage := range j.stages {
		crew.Go(func() {
			var workers conc.WaitGroup
			for range overheadWorkers {
				workers.Go(func() {
					for batch := range channels[i] {
						if err := stage.Process(b.Context(), batch); err != nil {
							b.Error(err)
						}
						channels[i+1] <- batch
					}
				})
			}
			workers.Wait()
			close(channels[i+1])
		})
	}
	persisted := 0
	crew.Go(func() {
		group := &pipeline.Group{Batches: make([]*pipeline.Batch, 1)}
		for batch := range channels[3] {
			group.Batches[0] = batch
			if _, err := j.sink.Write(b.Context(), group); err != nil {
				b.Error(err)
			}
			persisted += batch.Live()
			release(batch)
		}
	})
	j.feedPlain(b.N, channels[0])
	crew.Wait()
	if persisted != b.N {
		b.Fatalf("persisted %d of %d", persisted, b.N)
	}
}

// feedPlain frames and batches the records as the pipeline's intake does, into
// buffers of their own.
func (j *overheadJob) feedPlain(n int, to chan<- *pipeline.Batch) {
	lines := make([][]byte, 0, pipeline.MaxBatchRecords)
	send := func() {
		if len(lines) > 0 {
			batch, _ := pipeline.NewPlainBatch(pipeline.LaneNormal, lines)
			to <- batch
			lines = lines[:0]
		}
	}
	j.eachLine(n, func([]byte) { send() }, func(raw []byte, _ int) {
		if lines = append(lines, raw); len(lines) == cap(lines) {
			send()
		}
	})
	send()
	close(to)
}
