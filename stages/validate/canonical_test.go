package validate

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
)

func TestCanonicalTextIsOneForEqualValuesOnly(t *testing.T) {
	groups := [][]string{
		{`1`, `1.0`, `10e-1`, `0.1E+1`, `100E-02`},
		{`0`, `-0`, `0.00`, `0e5`},
		{`-1`, `-1.0`}, {`10`, `1e1`, `1.0e1`}, {`0.1`, `1e-1`}, {`"1"`}, {`[1]`, `[1.0]`}, {`true`}, {`false`}, {`null`},
		{`""`}, {`"a"`}, {`"a\u0004b"`}, {`["a"]`}, {`["a","b"]`}, {`["ab"]`}, {`[["a"],"b"]`}, {`[["a","b"]]`}, {`[]`}, {`{}`},
		{`{"a":1,"b":2}`, `{"b":2.0,"a":1}`}, {`{"a":2,"b":1}`}, {`{"a":{"b":1}}`}, {`"s"`}, {`12`}, {`[1,2]`}, {`"d1e0;"`},
	}
	owner := map[string]int{}
	for i, group := range groups {
		for _, text := range group {
			key := string(appendCanonical(nil, decode(t, text)))
			if j, taken := owner[key]; taken && j != i {
				t.Errorf("%s and %s have the same canonical text", text, groups[j][0])
			}
			owner[key] = i
		}
	}
	if len(owner) != len(groups) {
		t.Errorf("%d canonical texts for %d values", len(owner), len(groups))
	}
}

func decode(t testing.TB, text string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func FuzzCanonicalNumberIsOneForEqualNumbersOnly(f *testing.F) {
	f.Add("1.50", "15e-1")
	f.Add("-0", "0e3")
	f.Add("120", "1.2E2")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, b} {
			if !json.Valid([]byte(s)) || strings.Trim(s, "0123456789+-.eE") != "" || costly([]byte(s)) {
				t.Skip()
			}
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		same := string(appendNumber(nil, a)) == string(appendNumber(nil, b))
		if same != (x.Cmp(y) == 0) {
			t.Errorf("%s and %s: %s and %s", a, b, appendNumber(nil, a), appendNumber(nil, b))
		}
	})
}
