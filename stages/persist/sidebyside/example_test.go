package sidebyside_test

import (
	"fmt"
	"strings"

	"sluice/stages/persist/sidebyside"
)

func Example() {
	joined := &sidebyside.Rival{Name: "joined", Work: func() {
		s := ""
		for range 10_000 {
			s += "x"
		}
	}}
	built := &sidebyside.Rival{Name: "built", Work: func() {
		var s strings.Builder
		for range 10_000 {
			s.WriteString("x")
		}
	}}
	race := sidebyside.New(joined, built)
	for range 3 {
		race.Turn()
	}
	ratio := race.Ratio(built, joined) // how much faster a builder is
	fmt.Println("measured:", ratio > 0)
	// Output: measured: true
}
