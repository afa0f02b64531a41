package format_test

import (
	"fmt"

	"sluice/stages/validate/format"
)

func ExampleLookup() {
	isDate := format.Lookup("date")
	fmt.Println(isDate([]byte("2024-02-29")), isDate([]byte("2023-02-29")))
	// Output: true false
}

func ExamplePattern() {
	re, err := format.Pattern(`^\p{Letter}+\u{20}\d{2}$`)
	if err != nil {
		panic(err)
	}
	fmt.Println(re.MatchString("März 12"), re.MatchString("März 12\n"))

	_, err = format.Pattern(`^(?!_).+$`)
	fmt.Println(err)
	// Output:
	// true false
	// at character 2 is a lookahead, which cannot be matched in time linear in the text; write it as several patterns: "allOf": [{"pattern": ...}, {"not": {"pattern": ...}}]
}
