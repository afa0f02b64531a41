package persist

import (
	"context"
	"io"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/ndjson"
	"sluice/stages/persist/row"
)

// Preview returns an Output that opens no sink: it writes each row on w as a
// JSON object of the columns with the values they would have, and each dead
// letter as {"dead_letter": {...}}, a line each. Nothing else changes.
func Preview(cfg Config, w io.Writer) (*Output, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := checkStdout(w); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	layout, err := cfg.layout()
	if err != nil {
		return nil, err
	}
	if t, _ := parseTarget(cfg.Sink, cfg.Dir); layout == nil && t.tables() {
		layout = row.RecordLayout()
	}
	p := &previewSink{cfg: cfg, w: w, layout: layout}
	o := &Output{sink: p}
	if layout != nil {
		o.encoder = row.NewEncoder(layout)
	}
	return o, nil
}

// previewSink prints what a sink would store.
type previewSink struct {
	cfg    Config
	w      io.Writer
	layout *row.Layout // nil: the record itself
	buf    []byte
}

// Write implements pipeline.Sink.
func (p *previewSink) Write(_ context.Context, g *pipeline.Group) (settled bool, err error) {
	p.buf = p.buf[:0]
	for _, b := range g.Batches {
		p.appendRows(b)
		for r := range b.DeadRecords() {
			letter := deadletter.Of(r, p.cfg.Now())
			p.buf = append(p.buf, `{"dead_letter":`...)
			p.buf = append(letter.AppendJSON(p.buf), "}\n"...)
		}
	}
	if _, err := p.w.Write(p.buf); err != nil {
		return false, ndjson.ExplainStdout(err)
	}
	return true, nil
}

func (p *previewSink) appendRows(b *pipeline.Batch) {
	if rows := row.Take(b); rows != nil {
		for i := range rows.Len() {
			p.buf = append(p.layout.AppendJSON(p.buf, rows, i), '\n')
		}
		rows.Release()
		return
	}
	for i := range b.Len() {
		if r := b.Record(i); r.Live() {
			p.buf = append(r.AppendJSON(p.buf), '\n')
		}
	}
}

// Flush implements pipeline.Sink.
func (p *previewSink) Flush(context.Context) error { return nil }
