package ingest

import (
	"context"
	"testing"
	"testing/synctest"

	"sluice/pipeline"
)

func TestReadyIsClosedWhileARunTakesPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBodies(Config{}, BodyLimits{})
		for range 2 {
			ready := b.Ready()
			select {
			case <-ready:
				t.Fatal("ready before the run")
			default:
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- b.Run(ctx, noFeed{}) }()
			<-ready
			<-b.Ready()
			cancel()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	})
}

// noFeed opens no intake.
type noFeed struct{}

func (noFeed) Intake(pipeline.Progress, pipeline.LaneRule) (*pipeline.Intake, error) {
	return nil, pipeline.ErrClosed
}
