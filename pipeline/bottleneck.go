package pipeline

import "time"

// mostlyIdle is the share of its time that the busiest stage must work for the
// stages, and not the source, to be what holds the run back.
const mostlyIdle = 0.5

// What Bottleneck can name that is no stage.
const (
	BottleneckSource = "source"
	BottleneckRate   = "rate limit"
)

// Bottleneck names what held the run back between two pictures of it: the stage
// whose workers were busy for the greatest share of their time, BottleneckSource
// when even that one mostly waited for work, and "" when nothing was done. It is
// BottleneckRate when a rate limit held senders for most of the time, however busy
// the stages were with what it let through. Where no stage is that busy, one that
// waits because what it calls fails is named instead. The sink counts as part of the
// last stage. The zero Status stands for the beginning.
func Bottleneck(before, now Status) string {
	if busyShare(now.Rate.Held-before.Rate.Held, now.Rate.Free-before.Rate.Free) > mostlyIdle {
		return BottleneckRate
	}
	name, most := "", 0.0
	for i, s := range now.Stages {
		var old StageStatus
		if i < len(before.Stages) {
			old = before.Stages[i]
		}
		share := busyShare(s.Busy-old.Busy, s.Idle-old.Idle+s.Blocked-old.Blocked)
		if i == len(now.Stages)-1 {
			share = max(share, busyShare(now.Sink.Busy-before.Sink.Busy, now.Sink.Idle-before.Sink.Idle))
		}
		if share > most {
			name, most = s.Name, share
		}
	}
	if most >= mostlyIdle {
		return name
	}
	for i := len(now.Stages) - 1; i >= 0; i-- {
		if now.Stages[i].waits() {
			return now.Stages[i].Name
		}
	}
	if name != "" {
		return BottleneckSource
	}
	return ""
}

// waits says whether the stage's breaker is not closed, or a lane with work backs
// off.
func (s *StageStatus) waits() bool {
	if s.Breaker != "" && s.Breaker != BreakerClosed {
		return true
	}
	for l := range s.Lanes {
		if s.Lanes[l].Retrying > 0 && s.Lanes[l].Depth > 0 {
			return true
		}
	}
	return false
}

func busyShare(busy, rest time.Duration) float64 {
	if busy <= 0 {
		return 0
	}
	return float64(busy) / float64(busy+rest)
}
