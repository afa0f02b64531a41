package row

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestColumnsKeepTheOrderOfTheFile(t *testing.T) {
	const text = `
columns:
  zeta: {type: text, key: true}
  alpha: timestamp
  id.orig_h: text
  team: {type: text, from: owner.team}
`
	var got struct{ Columns Columns }
	if err := yaml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := Columns{{"zeta", TypeText, true, ""}, {"alpha", TypeTimestamp, false, ""}, {"id.orig_h", TypeText, false, ""}, {"team", TypeText, false, "owner.team"}}
	if len(got.Columns) != len(want) {
		t.Fatalf("got %v", got.Columns)
	}
	for i := range want {
		if got.Columns[i] != want[i] {
			t.Errorf("column %d: got %+v, expected %+v", i, got.Columns[i], want[i])
		}
	}
}

func TestMistakesInColumnsNameTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":         {"columns:\n  id: {typ: text}\n", "[2:8]"},
		"a list for the columns": {"columns: [id, ts]\n", "[1:10]"},
		"a list for a column":    {"columns:\n  id: [text]\n", "[2:7]"},
		"the same name twice":    {"columns:\n  id: text\n  id: integer\n", "[3:3]"},
	} {
		t.Run(name, func(t *testing.T) {
			var got struct{ Columns Columns }
			err := yaml.UnmarshalWithOptions([]byte(c.text), &got, yaml.Strict())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; expected an error at %s", err, c.want)
			}
		})
	}
}
