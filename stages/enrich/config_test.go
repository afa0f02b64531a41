package enrich_test

import (
	"errors"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

func TestMistakes(t *testing.T) {
	dir := tables(t, "hosts.csv", "host,region\nweb-1,eu\n", "bad.csv", "host,region\nweb-1\n", "hosts.csv.gz", "\x1f\x8b\x08\x00")
	for _, c := range []struct {
		name, step string
		key        string   // below steps[0]
		parts      []string // of the message
	}{
		{"an unknown step", `lokup: {}`, "", []string{"unknown step lokup", "did you mean lookup?", "line 3"}},
		{"two steps in one item", `{set: {a: 1}, remove: b}`, "", []string{"found set and remove"}},
		{"a step that is no map", `set`, "", []string{`found "set"; expected a map`}},
		{"an empty item", `{}`, "", []string{"the map is empty"}},
		{"an empty step", `set: {}`, "set", []string{"empty"}},
		{"a step without a value", `compute:`, "compute", []string{"found nothing; expected a map"}},
		{"an unknown key", `lookup: {tabel: x}`, "lookup.tabel", []string{"did you mean table?", "keys are add, default, field"}},
		{"a bad path", `remove: "a["`, "remove", []string{"a["}},
		{"an empty list", `remove: []`, "remove", []string{"empty"}},
		{"a number without JSON", `set: {a: .inf}`, "set.a", []string{".inf"}},
		{"a number beyond 64 bits that JSON spells otherwise", `set: {a: +1e400}`, "set.a", []string{"found the number +1e400; write it as JSON does", "line 3"}},
		{"a number beyond 64 bits in hexadecimal", `set: {a: [0xFFFFFFFFFFFFFFFFFFFF]}`, "set.a", []string{"0xFFFFFFFFFFFFFFFFFFFF", "in quotes for text"}},
		{"an alias", `set: {b: &x 1, a: [*x]}`, "set.a", []string{"alias"}},
		{"keep and drop", `filter: {keep: a, drop: b}`, "filter", []string{"both keep and drop"}},
		{"a condition that is a number", `filter: "1 + 1"`, "filter.keep", []string{"expected bool, but got int"}},
		{"a half expression", `compute: {slow: "a >"}`, "compute.slow", []string{"column 3", "a >"}},
		{"a misspelled function", `compute: {n: "lenn(tags)"}`, "compute.n", []string{"unknown function lenn", "did you mean len?", "column 1"}},
		{"a comparison with one =", `filter: "a = 1"`, "filter.keep", []string{"== compares"}},
		{"types that cannot match", `compute: {n: "'a' - 1"}`, "compute.n", []string{"mismatched types string and int", "column 5"}},
		{"a pattern that is none", `filter: "a matches '('"`, "filter.keep", []string{"missing closing )"}},
		{"on_error among the fields", `compute: {a: "1", on_error: skip}`, "compute.on_error", []string{"{fields: {...}, on_error: skip}"}},
		{"on_error null among the fields", `compute: {a: "1", on_error: null}`, "compute.on_error", []string{"on_error: null"}},
		{"an unknown on_error", `compute: {fields: {a: "1"}, on_error: skpi}`, "compute.on_error", []string{`found "skpi"`, "did you mean skip?"}},
		{"an unknown on_miss", `lookup: {field: host, table: hosts.csv, key: host, add: {r: region}, on_miss: ded}`, "lookup.on_miss", []string{"did you mean dead?"}},
		{"a default without on_miss", `lookup: {field: host, table: hosts.csv, key: host, add: {r: region}, default: {r: x}}`, "lookup.default", []string{"on_miss: default"}},
		{"a default of another field", `lookup: {field: host, table: hosts.csv, key: host, add: {region: region}, on_miss: default, default: {regoin: x}}`, "lookup.default.regoin", []string{"did you mean region?"}},
		{"a table that is not there", `lookup: {field: host, table: none.csv, key: host, add: {r: region}}`, "lookup.table", []string{"none.csv", "there is no file"}},
		{"a column that is not there", `lookup: {field: host, table: hosts.csv, key: hsot, add: {r: region}}`, "lookup.table", []string{"hosts.csv", `no column "hsot"`, "did you mean host?", "host, region"}},
		{"a table that is compressed", `lookup: {field: host, table: hosts.csv.gz, key: host, add: {r: region}}`, "lookup.table", []string{"hosts.csv.gz", "gzip -dk"}},
		{"a row that is too short", `lookup: {field: host, table: bad.csv, key: host, add: {r: region}}`, "lookup.table", []string{"bad.csv", "line 2"}},
		{"an unknown type", `lookup: {field: host, table: hosts.csv, key: host, add: {r: region}, types: {region: int}}`, "lookup.types.region", []string{"unknown type", "integer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := decode(t, steps(c.step))
			config.Dir = dir
			key := strings.TrimSuffix("steps[0]."+c.key, ".")
			found := false
			for _, e := range configErrors(config.Validate()) {
				found = found || e.Key == key && containsAll(e.Message, c.parts)
			}
			if !found {
				t.Errorf("%s\nreports\n%v\nwant %s with %q", c.step, config.Validate(), key, c.parts)
			}
		})
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	config := decode(t, steps(`st: {}`, `filter: "a ="`, `set: {a: 1}`, `lookup: {feld: x}`, `compute: {a: "b(", c: "d("}`))
	_, err := enrich.New(config)
	var keys []string
	for _, e := range configErrors(err) {
		keys = append(keys, e.Key)
	}
	want := "steps[0] steps[1].filter.keep steps[3].lookup.feld steps[4].compute.a steps[4].compute.c"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("keys %s\nwant %s", got, want)
	}
}

func TestAStepOfGoMustBeOne(t *testing.T) {
	err := enrich.Config{Steps: []enrich.StepConfig{{}}}.Validate()
	if errs := configErrors(err); len(errs) != 1 || errs[0].Key != "steps[0]" {
		t.Errorf("reports %v, want one mistake at steps[0]", err)
	}
}

func configErrors(err error) []*pipeline.ConfigError {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var errs []*pipeline.ConfigError
	for _, e := range joined.Unwrap() {
		if c, ok := errors.AsType[*pipeline.ConfigError](e); ok {
			errs = append(errs, c)
		}
	}
	return errs
}

func containsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
