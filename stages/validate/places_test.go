package validate

import (
	"strings"
	"testing"

	"sluice/pipeline"
)

func TestTheKeywordOfAPropertyNameIsNamedOnce(t *testing.T) {
	for schema, want := range map[string]string{
		`{"propertyNames": {"maxLength": 2}}`:                           "#/propertyNames",
		`{"propertyNames": false}`:                                      "#/propertyNames",
		`{"properties": {"long": {"propertyNames": {"maxLength": 2}}}}`: "#/properties/long/propertyNames",
	} {
		record := `{"long": {"long": 1}}`
		nodes, fault := pipeline.Scan(nil, []byte(record), 10)
		if fault != nil {
			t.Fatal(fault)
		}
		f := checkerOf(t, schema).Check(pipeline.NewValue([]byte(record), nodes))
		if f == nil || f.Keyword != want {
			t.Errorf("%s: found %+v; expected the keyword %s", schema, f, want)
		}
	}
}

func TestOverriddenMembersAreNotCountedAmongTheRest(t *testing.T) {
	var sb strings.Builder
	for i := range maxFaults + 10 {
		sb.WriteString(`"k` + encode(i) + `": "x", `)
	}
	record := `{` + sb.String() + strings.Repeat(`"z": "x", `, 30) + `"z": 1}`
	nodes, fault := pipeline.Scan(nil, []byte(record), 10)
	if fault != nil {
		t.Fatal(fault)
	}
	f := checkerOf(t, `{"additionalProperties": {"type": "integer"}}`).CheckAll(pipeline.NewValue([]byte(record), nodes))
	if told := 1 + len(f.Others); told+f.More != maxFaults+10 {
		t.Errorf("%d told and %d more; expected %d in all", told, f.More, maxFaults+10)
	}
}
