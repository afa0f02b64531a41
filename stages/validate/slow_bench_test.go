package validate

import (
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
)

// slowSchema asks something of every kind of value that can cost time.
const slowSchema = `{
	"properties": {
		"text": {"maxLength": 2000000, "pattern": "^[^x]*$"},
		"number": {"type": "number", "minimum": -1e300, "multipleOf": 0.01},
		"list": {"uniqueItems": true, "items": {"type": ["integer", "string"]}},
		"a": {"$ref": "#"}, "b": {"$ref": "#"}
	},
	"additionalProperties": {"type": ["string", "integer"]},
	"maxProperties": 1000000
}`

// slowLines are lines of n bytes made to be slow; plain, a record of many short
// members, is what they are compared with.
func slowLines(n int) map[string]string {
	fill := func(before string, unit func(i int) string, after string) string {
		var sb strings.Builder
		sb.WriteString(before)
		for i := 0; sb.Len() < n-len(after)-8; i++ {
			sb.WriteString(unit(i))
		}
		return sb.String() + after
	}
	each := func(s string) func(int) string { return func(int) string { return s } }
	return map[string]string{
		"plain":              fill(`{"b":1`, func(i int) string { return fmt.Sprintf(`,"k%d":%d`, i, i) }, `}`),
		"open brackets":      fill("", each("["), ""),
		"open objects":       fill("", each(`{"a":`), ""),
		"backslashes":        fill(`{"text":"`, each(`\\`), `"}`),
		"unicode escapes":    fill(`{"text":"`, each(`\u00e9`), `"}`),
		"foreign characters": fill(`{"text":"`, each(`é`), `"}`),
		"digits":             fill(`{"number":`, each(`7`), `}`),
		"digits with a dot":  fill(`{"number":7.`, each(`7`), `}`),
		"an exponent":        fill(`{"number":7e`, each(`7`), `}`),
		"equal keys":         fill(`{"k":1`, each(`,"k":1`), `}`),
		"overridden keys":    fill(`{`, func(i int) string { return fmt.Sprintf(`"%06d":null,`, i%40_000) }, `"k":1}`),
		"escaped equal keys": fill(`{"k":1`, each(`,"\u006b":null`), `,"k":1}`),
		"colliding keys":     fill(`{"k":1`, func(i int) string { return fmt.Sprintf(`,"number%05d_":1`, i) }, `}`),
		"unique items":       fill(`{"list":[0`, func(i int) string { return fmt.Sprintf(`,%d`, i+1) }, `]}`),
		"nested as it may":   strings.Repeat(`{"b":1,"a":`, 127) + fill(`{"text":"`, each(`y`), `"}`) + strings.Repeat("}", 127),
	}
}

// BenchmarkSlowLines says how many times longer than a plain line of 1 MiB a
// line of that length takes that is made to be slow, scan and check together.
func BenchmarkSlowLines(b *testing.B) {
	l, err := newLoader("schema.json")
	if err != nil {
		b.Fatal(err)
	}
	doc, err := decodeSchema([]byte(slowSchema), "schema.json")
	if err != nil {
		b.Fatal(err)
	}
	compiler := l.compiler()
	if err := compiler.AddResource(l.main, doc); err != nil {
		b.Fatal(err)
	}
	checker, err := l.compile(compiler, l.main)
	if err != nil {
		b.Fatal(err)
	}
	lines := slowLines(1 << 20)
	var nodes []pipeline.Node
	var contenders []contender
	for name, line := range lines {
		src := []byte(line)
		contenders = append(contenders, contender{strings.ReplaceAll(name, " ", "-"), nil, func(int) bool {
			var fault *pipeline.RecordError
			if nodes, fault = pipeline.Scan(nodes[:0], src, pipeline.DefaultMaxDepth); fault == nil {
				checker.Check(pipeline.NewValue(src, nodes))
			}
			return true
		}})
	}
	t := race(b, 1, contenders)
	for name := range t {
		b.ReportMetric(t[name]/t["plain"], name+"-of-plain")
	}
}
