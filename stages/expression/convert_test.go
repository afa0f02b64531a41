package expression

import (
	"strings"
	"testing"
)

const spelled = `{"low":-9223372036854775808,"high":9223372036854775807,"above":9223372036854775808,"huge":1e400,"large":1e308,
 "edge":9223372036854774784.0,"small":-1e308,"real":1.50,"whole":2.0,"ten":1e1,"list":[1, 2.50,{"a":1e400}],"object":{"b": 1.0 , "a":null},
 "yes":true,"text":"a\u00e9","digits":"9223372036854775808","lows":[-9223372036854775807,-2],"mixed":[1,2.5],"rows":[{"n":1},{"n":2}]}`

func TestIntegersNeverWrapAround(t *testing.T) {
	beyond := "beyond a 64-bit integer"
	for _, c := range []struct{ name, source, want string }{
		{"int of a real too large", `int(large)`, beyond},
		{"int of a real too small", `int(small)`, beyond},
		{"int of an integer too large", `int(above)`, beyond},
		{"int of a number beyond reals", `int(huge)`, beyond},
		{"int of a text too large", `int(digits)`, beyond},
		{"int by way of a pipe", `large | int()`, beyond},
		{"int in a predicate", `map([large], int(#))`, beyond},
		{"int of the largest real that fits", `int(edge)`, `9223372036854774784`},
		{"int of the smallest integer as a real", `int(low + 0.0)`, `-9223372036854775808`},
		{"int drops the fraction", `int(-real)`, `-1`},
		{"int of a text", `int('-12')`, `-12`},
		{"int of a text that is none", `int(text)`, `error: int("aé") is no integer at column 1`},
		{"the smallest integer has no negative", `-low`, beyond},
		{"nor has it as a result", `-(low - 0)`, beyond},
		{"nor in a part that only the machine evaluates", `{x: -low}`, beyond},
		{"nor has it an absolute value", `abs(low)`, beyond},
		{"the largest has a negative", `-high`, `-9223372036854775807`},
		{"a real's negative keeps the sign of zero", `-(real - 1.5)`, `real -0`},
		{"an absolute value", `abs(lows[1])`, `2`},
		{"a sum of a list", `sum(lows)`, beyond},
		{"a sum of what a predicate makes", `sum(lows, # - 1)`, beyond},
		{"a sum that fits", `sum(rows, .n)`, `3`},
		{"a sum of integers and reals", `sum(mixed)`, `real 3.5`},
		{"a sum of nothing", `sum([])`, `0`},
		{"a sum of no list", `sum(text)`, `error: sum of a string; expected a list at column 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Machine
			got := show(m.Eval(mustCompile(t, c.source), record(t, spelled)))
			if c.want == beyond && !strings.Contains(got, beyond) || c.want != beyond && got != c.want {
				t.Errorf("%s is %s, want %s", c.source, got, c.want)
			}
		})
	}
}

func TestStringSpellsAsTheRecordDoes(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"a text", `string(text)`, `"aé"`},
		{"a real", `string(real)`, `"1.50"`},
		{"a real that is whole", `string(whole)`, `"2.0"`},
		{"an exponent", `string(ten)`, `"1e1"`},
		{"a number beyond reals", `string(huge)`, `"1e400"`},
		{"an integer beyond 64 bits", `string(above)`, `"9223372036854775808"`},
		{"a boolean", `string(yes)`, `"true"`},
		{"a list", `string(list)`, `"[1, 2.50,{\"a\":1e400}]"`},
		{"an object", `object | string()`, `"{\"b\": 1.0 , \"a\":null}"`},
		{"a missing field", `string(nope)`, `missing`},
		{"a computed real", `string(whole * 500000)`, `"1000000"`},
		{"a computed object", `string({x: [whole, nil]})`, `"{\"x\":[2,null]}"`},
		{"nil", `string(nil)`, `"null"`},
		{"a duration", `string(duration('90s'))`, `"1m30s"`},
		{"a computed number that JSON cannot spell", `string(huge * 1)`,
			`error: the result, a float64, is no JSON value: json: unsupported value: +Inf at column 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Machine
			if got := show(m.Eval(mustCompile(t, c.source), record(t, spelled))); got != c.want {
				t.Errorf("%s is %s, want %s", c.source, got, c.want)
			}
		})
	}
}
