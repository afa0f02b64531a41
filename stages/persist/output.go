package persist

import (
	"context"

	"sluice/pipeline"
)

// Output is an open sink with what belongs to it.
type Output struct {
	encoder  pipeline.Stage
	sink     pipeline.Sink
	progress func(context.Context) ([]pipeline.Progress, error)
	close    func() error
	rows     Place
	dead     Place
}

// Place says where something is kept, for a person.
type Place struct {
	File  string // path, "stdout", a database and its server, or "" for nowhere
	Table string // "" where there are no tables
	Show  string // a command that shows it; "" when there is none
}

// Encoder returns the stage that must be the last one before the sink: it
// makes the rows in as many workers as it is given.
func (o *Output) Encoder() pipeline.Stage { return o.encoder }

// Sink returns the sink. It is for one goroutine.
func (o *Output) Sink() pipeline.Sink { return o.sink }

// Progress returns what is stored of all sources, none for a sink that stores
// no progress. A source that starts from one of them, or anew, hands its
// Version on: the fence compares it.
func (o *Output) Progress(ctx context.Context) ([]pipeline.Progress, error) {
	if o.progress == nil {
		return nil, nil
	}
	return o.progress(ctx)
}

// Rows says where the rows are.
func (o *Output) Rows() Place { return o.rows }

// DeadLetters says where the dead letters are.
func (o *Output) DeadLetters() Place { return o.dead }

// Close closes the sink, after the pipeline's Run. It is called once.
func (o *Output) Close() error {
	if o.close == nil {
		return nil
	}
	return o.close()
}
