package pipeline

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatWasDroppedDoesNotComeBack(t *testing.T) {
	for name, dropped := range map[string]DropTo{"counted": DropToNowhere, "dead letters": DropToDeadLetter} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := &linesSource{lines: numbered("n", 1000), lane: LaneLow, perChunk: 100, start: Progress{Source: "s", Name: "s"}}
				src.after = func(int) { time.Sleep(time.Millisecond) }
				r := runLimited(t, Config{Rate: RateConfig{Limit: 1, Burst: 130, Over: RateOverDrop, Dropped: dropped}}, src)
				if l := r.end(); l.Persisted != 130 || l.Dropped+l.Dead != 870 {
					t.Fatalf("%+v, want 130 persisted of 1000", l.Counts)
				}
				size := int64(0)
				for _, line := range src.lines {
					size += int64(len(line) + 1)
				}
				if p := r.sink.progress; p.Frontier != size || p.Line != 1000 || p.High < size {
					t.Errorf("the progress is %+v, want the end of the input at %d", p, size)
				}
				src.start = r.sink.progress
				if l := runLimited(t, Config{}, src).end(); l.Accepted != 0 {
					t.Errorf("the second run took %d in, want none", l.Accepted)
				}
			})
		})
	}
}

func TestAStopWhileRecordsAreDroppedStoresHowFarTheSourceGot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &linesSource{lines: numbered("n", 1000), lane: LaneLow, perChunk: 100, start: Progress{Source: "s", Name: "s"}}
		stop := make(chan func(), 1)
		src.after = func(chunk int) {
			time.Sleep(time.Millisecond)
			if chunk == 5 {
				(<-stop)()
			}
		}
		r := runLimited(t, Config{Rate: RateConfig{Limit: 1, Burst: 10, Over: RateOverDrop}}, src)
		stop <- func() { r.stop(ErrStopped) }
		<-r.done
		if l := wantClosed(t, r.p); l.Accepted != 600 || r.sink.progress.Line != 600 {
			t.Errorf("%+v and progress %+v, want 600 taken in and no more to be read again", l.Counts, r.sink.progress)
		}
	})
}
