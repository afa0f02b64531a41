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

func TestMistakesInColumnsSayWhatIsExpected(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":               {"id: {typ: text}", `id.typ: unknown key; expected type, key or from`},
		"a list for the columns":       {"[id, ts]", `found a list; expected a mapping from the name of a column to its type`},
		"a word for the columns":       {"id", `found the text "id"; expected a mapping`},
		"a list for a column":          {"id: [text]", `id: found a list; expected a type such as text, or {type: text, key: true, from: path}`},
		"a text for key":               {`id: {type: text, key: "yes"}`, `id.key: found the text "yes"; expected true or false`},
		"a number for a type":          {"id: {type: 5}", `id.type: found 5; expected the name of a type`},
		"a mapping for a path":         {"id: {type: text, from: {a: b}}", `id.from: found a mapping; expected the path of a field`},
		"a number for a column":        {"id: 5", `id: found 5; expected a type such as text`},
		"the second of two mistakes":   {"{id: [text], n: 5}", `n: found 5`},
		"a name that is no plain word": {"id.orig_h: {key: 1}", `id.orig_h.key: found 1; expected true or false`},
	} {
		t.Run(name, func(t *testing.T) {
			var got Columns
			err := yaml.UnmarshalWithOptions([]byte(c.text), &got, yaml.Strict())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; expected %s", err, c.want)
			}
		})
	}
}

func TestTheSameColumnTwiceIsAMistake(t *testing.T) {
	var got struct{ Columns Columns }
	err := yaml.UnmarshalWithOptions([]byte("columns:\n  id: text\n  id: integer\n"), &got, yaml.Strict())
	if err == nil || !strings.Contains(err.Error(), "[3:3]") {
		t.Errorf("got %v; expected an error at its place", err)
	}
}
