package sidebyside

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fake returns a rival whose units take as long as given, one after another.
func fake(name string, order *strings.Builder, units int, took ...time.Duration) *Rival {
	n := 0
	return &Rival{Name: name, Units: units, Work: func() {
		order.WriteString(name)
		<-time.After(took[n%len(took)])
		n++
	}}
}

func TestEachTurnAnotherRivalBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order strings.Builder
		race := New(fake("a", &order, 1, 1), fake("b", &order, 2, 1), fake("c", &order, 0, 1))
		race.rivals[1].Before = func() { order.WriteString("-") }
		for range 4 {
			race.Turn()
		}
		if got, want := order.String(), "a-bbc"+"-bbca"+"ca-bb"+"a-bbc"; got != want {
			t.Errorf("ran %s, want %s", got, want)
		}
	})
}

func TestRatioIsTheMedianOverTheTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order strings.Builder
		quick := fake("quick", &order, 1, 1*time.Second, 1*time.Second, 1*time.Second)
		slow := fake("slow", &order, 1, 2*time.Second, 90*time.Second, 3*time.Second)
		race := New(quick, slow)
		for range 3 {
			race.Turn()
		}
		if got := race.Ratio(quick, slow); got != 3 {
			t.Errorf("quick is %v times as fast as slow, want 3", got)
		}
		if got := race.Rate(quick); got != 1 {
			t.Errorf("%v units a second, want 1", got)
		}
	})
}

func TestLatencyIsThatOfUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order strings.Builder
		r := fake("r", &order, 4, 4*time.Second, 1*time.Second, 3*time.Second, 2*time.Second)
		race := New(r)
		race.Turn()
		for percent, want := range map[int]time.Duration{0: time.Second, 50: 3 * time.Second, 100: 4 * time.Second} {
			if got := race.Latency(r, percent); got != want {
				t.Errorf("%d %% are within %s, want %s", percent, got, want)
			}
		}
		if got := race.Rate(r); got != 0.4 {
			t.Errorf("%v units a second, want 0.4", got)
		}
	})
}
