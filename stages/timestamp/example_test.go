package timestamp_test

import (
	"fmt"

	"sluice/stages/timestamp"
)

func ExampleParse() {
	t, ok := timestamp.Parse([]byte("2026-03-01T14:30:15+02:00"))
	fmt.Println(t.UTC(), ok)
	// Output: 2026-03-01 12:30:15 +0000 UTC true
}
