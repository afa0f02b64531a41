package expression

import (
	"strings"
	"testing"
)

const event = `{"id":7,"level":"error","ms":812.5,"ok":true,"none":null,"big":9223372036854775807,"huge":1e400,
 "whole":2.0,"neg":-3,"user":{"plan":"pro","a.b":1},"tags":["x","y","é"],"id.orig_h":"10.0.0.1","type":"conn","esc":"a\u00e9\n",
 "long":123456789012345678901234567890,"empty":"","in":"word","nested":[{"n":1},{"n":null}]}`

func TestEval(t *testing.T) {
	r := record(t, event)
	for _, c := range []struct{ name, source, want string }{
		{"a literal", `42`, `42`},
		{"a real literal", `1.5`, `real 1.5`},
		{"a negative literal", `-3`, `-3`},
		{"a text literal", `'a'`, `"a"`},
		{"nil", `nil`, `nil`},
		{"an integer field", `id`, `7`},
		{"a real field", `ms`, `real 812.5`},
		{"a real that is whole stays real", `whole`, `real 2`},
		{"an integer beyond 64 bits is real", `long`, `real 1.2345678901234568e+29`},
		{"a number beyond reals is infinite", `huge`, `real +Inf`},
		{"a number beyond reals compares", `huge > 5 and -huge < 5`, `true`},
		{"an unescaped text", `esc`, `"aé\n"`},
		{"a list", `tags`, `["x","y","é"]`},
		{"a member", `user.plan`, `"pro"`},
		{"a member by name", `user["a.b"]`, `1`},
		{"a key with a dot", `$env["id.orig_h"]`, `"10.0.0.1"`},
		{"a field named as a word of the language", `$env["in"] + $env.type`, `"wordconn"`},
		{"a field named as a function", `type == 'conn'`, `true`},
		{"a function named as a field", `type(type)`, `"string"`},
		{"an element", `tags[0]`, `"x"`},
		{"the last element", `tags[-1]`, `"é"`},
		{"an element too far", `tags[9]`, `missing`},
		{"an element too far from the end", `tags[-4]`, `missing`},
		{"an element by a field", `tags[id - 6]`, `"y"`},
		{"an element by a field, too far", `tags[id]`, `missing`},
		{"a member by a field", `user[level] ?? 'nothing'`, `"nothing"`},
		{"a member of an element", `nested[0].n + 1`, `2`},
		{"a null in an element", `nested[1].n + 1`, `missing`},
		{"a member of a text", `level.x`, `missing`},
		{"the whole record", `'level' in $env`, `true`},
		{"a member of the record by an expression", `$env['le' + 'vel']`, `"error"`},

		{"a missing field", `nope`, `missing`},
		{"a null field", `none`, `missing`},
		{"missing in a comparison", `nope > 5`, `missing`},
		{"missing in an equality", `nope == 'a'`, `missing`},
		{"missing in a list test", `nope in ['a']`, `missing`},
		{"missing in a text test", `nope startsWith 'a'`, `missing`},
		{"missing in a function", `upper(nope)`, `missing`},
		{"missing on the way", `nope.a.b[0]`, `missing`},
		{"missing is not reached", `ok or nope`, `true`},
		{"missing is reached", `nope or ok`, `missing`},
		{"missing in the branch not taken", `ok ? id : nope`, `7`},
		{"missing in the branch taken", `ok ? nope : id`, `missing`},
		{"missing has a substitute", `nope ?? 3`, `3`},
		{"null has a substitute", `none ?? 3`, `3`},
		{"a field needs no substitute", `id ?? 3`, `7`},
		{"substitutes in a row", `nope ?? none ?? 'x'`, `"x"`},
		{"the last substitute may be missing", `nope ?? none`, `missing`},
		{"a substitute of nil", `nope ?? nil`, `nil`},
		{"missing inside the left side", `(nope + 1) ?? 3`, `missing`},
		{"a choice on the left side", `(ok ? nope : id) ?? 3`, `3`},
		{"missing is nil", `nope == nil`, `true`},
		{"null is nil", `nil != none`, `false`},
		{"a field is not nil", `id != nil`, `true`},
		{"an optional member", `nope?.a ?? 3`, `3`},
		{"an optional member that is there", `user?.plan`, `"pro"`},
		{"an optional member that is not", `user?.nope`, `missing`},

		{"an integer sum", `id + 1`, `8`},
		{"a mixed sum", `id + 0.5`, `real 7.5`},
		{"a difference", `id - 10`, `-3`},
		{"a product", `neg * 4`, `-12`},
		{"a quotient is real", `id / 7`, `real 1`},
		{"a remainder", `neg % 2`, `-1`},
		{"a power", `2 ** 3`, `real 8`},
		{"a negation", `-id`, `-7`},
		{"a concatenation", `level + '-' + user.plan`, `"error-pro"`},
		{"a concatenation of escaped texts", `esc + esc`, `"aé\naé\n"`},
		{"overflow of a sum", `big + 1`, `error: ` + errOverflow.Error() + ` at column 5`},
		{"overflow of a product", `big * 2`, `error: ` + errOverflow.Error() + ` at column 5`},
		{"overflow of a difference", `-big - 2`, `error: ` + errOverflow.Error() + ` at column 6`},
		{"the largest product", `big * 1`, `9223372036854775807`},
		{"division by zero", `id / 0`, `error: division by zero at column 4`},
		{"division by a real zero", `id / (ms - 812.5)`, `error: division by zero at column 4`},
		{"remainder by zero", `id % 0`, `error: division by zero at column 4`},

		{"integers compare", `id > 6`, `true`},
		{"mixed numbers compare", `id < 7.5 and whole == 2`, `true`},
		{"texts compare", `level < 'f'`, `true`},
		{"a text and a number are not equal", `id == '7'`, `false`},
		{"a text and a number do not compare", `id > '7'`, `error: invalid operation: int > string at column 4`},
		{"a list of literals", `level in ['error', 'fatal']`, `true`},
		{"a list of other types", `id in ['error', 'fatal']`, `false`},
		{"a list of numbers", `whole in [1, 2]`, `true`},
		{"a list of negative numbers", `neg in [-3]`, `true`},
		{"not in a list", `level not in ['error']`, `false`},
		{"lists compare", `tags == ['x', 'y', 'é']`, `true`},
		{"an object is not a text", `user == 'a'`, `false`},
		{"starts with", `level startsWith 'err'`, `true`},
		{"ends with", `level endsWith 'x'`, `false`},
		{"contains a field", `'my error' contains level`, `true`},
		{"matches", `level matches '^e.*r$'`, `true`},
		{"matches a computed pattern", `level matches ('^' + 'e')`, `true`},
		{"logic of what is no boolean", `id and ok`, `error: found int, expected bool at column 4`},
		{"not", `not ok`, `false`},
		{"not of what is no boolean", `!id`, `error: found int, expected bool at column 1`},
		{"a choice by what is no boolean", `id ? 1 : 2`, `error: `},
		{"the length of a text is in characters", `len(esc)`, `3`},
		{"the length of a list", `len(tags)`, `3`},
		{"the length of an object", `len(user)`, `2`},
		{"the length of nothing", `len(nope)`, `missing`},
		{"the length of a number", `len(id)`, `error: invalid argument for len (type int) at column 1`},
		{"any", `any(tags, # == 'y')`, `true`},
		{"any over objects", `any(nested, .n == 1)`, `true`},
		{"map", `map(tags, # + '!')`, `["x!","y!","é!"]`},
		{"count", `count(tags, # > 'x')`, `2`},
		{"reduce", `reduce([1, 2, 3], #acc + #, 0)`, `6`},
		{"a pipe", `level | upper() | trim()`, `"ERROR"`},
		{"a variable", `let x = id * 2; x + 1`, `15`},
		{"a variable with members", `let u = user; u.plan`, `"pro"`},
		{"a variable hides a field", `let id = 1; id`, `1`},
		{"a map", `{a: id, b: [ok]}`, `{"a":7,"b":[true]}`},
		{"a text with markup", `['<b>&']`, `["<b>&"]`},
		{"a duration", `duration('90s')`, `"1m30s"`},
		{"a time", `date('2024-02-03')`, `"2024-02-03T00:00:00Z"`},
		{"a method of a time", `date('2024-02-03').Year()`, `2024`},
		{"a slice that cuts a character", `tags[2][0:1]`, `error: the result is not UTF-8`},
		{"an endless loop ends", `let l = 1..9999; all(l, all(l, true))`, `error: ` + errSteps.Error()},
		{"a range too large", `sum(1..99999999)`, `error: memory budget exceeded at column 6`},
		{"an if", `if ok { id } else { nope }`, `7`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &Machine{}
			got := show(m.Eval(mustCompile(t, c.source), r))
			if got != c.want && !(strings.HasPrefix(c.want, "error: ") && strings.HasPrefix(got, c.want)) {
				t.Errorf("%s = %s, want %s", c.source, got, c.want)
			}
		})
	}
}

func TestAMachineIsUsedAgain(t *testing.T) {
	m := &Machine{}
	p, q := mustCompile(t, `a + b`), mustCompile(t, `b`)
	for _, c := range []struct {
		p          *Program
		line, want string
	}{
		{p, `{"a":1,"b":2}`, `3`},
		{q, `{"a":1,"b":"\u0041"}`, `"A"`},
		{p, `{"a":1}`, `missing`},
		{p, `{"a":"\u0041","b":"\u0042"}`, `"AB"`},
		{p, `{"a":[],"b":1}`, `error: invalid operation: []interface {} + int at column 3`},
		{p, `{"a":4,"b":5}`, `9`},
	} {
		if got := show(m.Eval(c.p, record(t, c.line))); got != c.want {
			t.Errorf("%s of %s = %s, want %s", c.p.Source(), c.line, got, c.want)
		}
		m.Release()
	}
}

func TestOrdinaryExpressionsDoNotAllocate(t *testing.T) {
	r := record(t, event)
	m := &Machine{}
	for _, source := range []string{
		`ms > 500`, `id * 2 + 1`, `level == 'error' ? 17 : level == 'warn' ? 13 : 9`, `level in ['fatal', 'error']`,
		`user?.plan ?? 'free'`, `nope > 1`, `esc + level`, `level matches '^e'`, `level startsWith 'e' and not (id == 3)`,
		`len(tags)`, `tags[-1]`, `nope == nil`, `$env["id.orig_h"] contains '.'`, `-neg % 2`, `id / 4`, `if ok { 1 } else { 2 }`,
	} {
		p := mustCompile(t, source)
		if !p.Compiled() {
			t.Errorf("%s is not compiled", source)
		}
		evaluate := func() {
			if _, err := m.Eval(p, r); err != nil {
				t.Fatal(err)
			}
		}
		evaluate()
		if n := testing.AllocsPerRun(100, evaluate); n != 0 {
			t.Errorf("%s allocates %v times", source, n)
		}
	}
	if cap(m.scratch) > 1024 {
		t.Errorf("the scratch has grown to %d bytes; expected that each evaluation uses it again", cap(m.scratch))
	}
}

func BenchmarkEval(b *testing.B) {
	r := record(b, event)
	for _, source := range []string{
		`ms > 500`,
		`level == 'debug' ? 5 : level == 'info' ? 9 : level == 'warn' ? 13 : level == 'error' ? 17 : 21`,
		`upper(level)`,
		`nope > 5`,
		`upper(nope)`,
	} {
		b.Run(source, func(b *testing.B) {
			p, m := mustCompile(b, source), &Machine{}
			b.ReportAllocs()
			for b.Loop() {
				m.Eval(p, r)
			}
		})
	}
}
