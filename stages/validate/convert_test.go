package validate

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sluice/pipeline"
)

var conversions = []string{
	`null`, `true`, `-0`, `1.50e+3`, `""`, `"a\u00e9\n\ud83d\ude00\ud800 é"`, `[]`, `{}`, `[[],[{}],null]`,
	`{"a":1,"a":{"b":[true,false]},"":"","\u0061":"last"}`,
	`{"a":[1,"\t","x"],"b":["\\",{"c":"\u0000"}]}`,
	`{"a":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`,
	`[` + strings.Repeat(`"\u00e9",{"k":[1]},`, 300) + `0]`,
}

func TestConversionEqualsDecoding(t *testing.T) {
	c := new(converter)
	for _, text := range conversions {
		checkConversion(t, c, text)
	}
	// The converter is used again for all, in another order.
	for i := range conversions {
		checkConversion(t, c, conversions[len(conversions)-1-i])
	}
}

func checkConversion(t *testing.T, c *converter, text string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var want any
	if err := dec.Decode(&want); err != nil {
		t.Fatal(err)
	}
	got, ok := c.convert(index(t, []byte(text)))
	if !ok {
		if path := c.takePath(); !costly(at(index(t, []byte(text)), path).JSON()) && !hasDuplicates(text) {
			t.Errorf("%s: refused for the number at %v", text, path)
		}
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\nconverted %#v\ndecoded   %#v", text, got, want)
	}
	c.reset()
}

// hasDuplicates says whether a path may lead to another value than the one that
// was refused.
func hasDuplicates(text string) bool {
	nodes, _ := pipeline.Scan(nil, []byte(text), MaxDepthLimit)
	var walk func(v pipeline.Value) bool
	walk = func(v pipeline.Value) bool {
		seen := map[string]bool{}
		for child := range v.Children() {
			if v.Kind() == pipeline.KindObject && seen[child.Key()] || walk(child) {
				return true
			}
			seen[child.Key()] = true
		}
		return false
	}
	return walk(pipeline.NewValue([]byte(text), nodes))
}

func FuzzConversionEqualsDecoding(f *testing.F) {
	for _, text := range conversions {
		f.Add(text)
	}
	f.Add(`{"a":1e999,"b":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := pipeline.Scan(nil, []byte(text), 1000); err != nil {
			t.Skip()
		}
		checkConversion(t, new(converter), text)
	})
}

func TestConverterKeepsNothingOfALargeRecord(t *testing.T) {
	c := new(converter)
	var large strings.Builder
	large.WriteString(`{"a":[` + strings.Repeat(`{"k":"\n"},`, 10_000) + `0],"b":{` + strings.Repeat(`"x":1,`, 3))
	for i := range 200 {
		large.WriteString(`"k` + strings.Repeat("y", i) + `":1,`)
	}
	large.WriteString(`"z":"` + strings.Repeat(`\t`, 100_000) + `"}}`)
	if _, ok := c.convert(index(t, []byte(large.String()))); !ok {
		t.Fatal("refused")
	}
	c.reset()
	if len(c.maps) > keptMaps || cap(c.items) > keptItems || cap(c.text) > keptText {
		t.Errorf("kept %d maps, %d items, %d bytes of text", len(c.maps), cap(c.items), cap(c.text))
	}
	for _, m := range c.maps {
		if len(m) > 0 {
			t.Fatal("a kept map has members of the last record")
		}
	}
}

func TestCostlyNumberIsToldFromItsSpelling(t *testing.T) {
	for number, want := range map[string]bool{
		"0": false, "-1.5e10": false, "1e400": false, "1e401": true, "1E-400": false, "1E-401": true, "1e+00000400": false,
		"1e99999999999999999999999": true, strings.Repeat("1", maxNumberBytes): false, strings.Repeat("1", maxNumberBytes+1): true,
	} {
		if costly([]byte(number)) != want {
			t.Errorf("%s: costly is %t, want %t", shorten(number, 30), !want, want)
		}
	}
}
