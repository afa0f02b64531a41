package crash_test

import (
	"fmt"
	"testing"
	"time"

	"sluice/stages/crash"
)

func ExampleParse() {
	s, _ := crash.Parse("before commit 3 250us")
	fmt.Println(s.Instant, s.Count, s.Delay)
	// Output: commit 3 250µs
}

func TestASpecComesBackFromItsText(t *testing.T) {
	for _, want := range []crash.Spec{
		{Instant: crash.Commit, Count: 1},
		{Instant: crash.Write, After: true, Count: 20, Delay: 150 * time.Microsecond},
	} {
		if got, err := crash.Parse(want.String()); got != want || err != nil {
			t.Errorf("%q: got %+v, %v", want, got, err)
		}
	}
}

func TestWhatIsNoSpecIsAnError(t *testing.T) {
	for _, text := range []string{"", "commit 3", "during commit 3 0s", "before commit 0 0s", "before commit 3 -1s", "before commit x 0s", "before commit 3 soon"} {
		if got, err := crash.Parse(text); err == nil {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}
