package expression

import "testing"

// FuzzCompile holds that no text makes the compiler or an evaluation panic, and
// that a mistake points into the text.
func FuzzCompile(f *testing.F) {
	for _, source := range common {
		f.Add(source)
	}
	for _, source := range general {
		f.Add(source)
	}
	f.Add(`let x = $env["a"]; x?.b[-1]`)
	f.Add(`$env?.a`)
	f.Add(`a?.["b"]`)
	f.Add("a\n+ b")
	f.Fuzz(func(t *testing.T, source string) {
		p, err := Compile(source)
		if err != nil {
			if e := err.(*Error); e.Column < 0 || e.Column > len(source)+1 {
				t.Errorf("%q: column %d is beyond the text", source, e.Column)
			}
			return
		}
		m := &Machine{}
		for _, line := range []string{`{}`, `{"a":1,"b":"x","c":[1,{"d":null}]}`} {
			_, _ = m.Eval(p, record(t, line))
		}
	})
}
