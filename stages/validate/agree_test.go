package validate

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// agreement is a schema with values to begin from.
type agreement struct {
	name    string
	checker *programChecker
	data    [][]byte
	words   []string // JSON texts from the schema, to put into values
}

// agreements compiles the schemas of testdata/agree.json and, where
// SLUICE_SUITES is set, those of the official suite.
func agreements(t testing.TB) []agreement {
	t.Helper()
	var list []agreement
	add := func(name string, text json.RawMessage, data []json.RawMessage, draft *jsonschema.Draft, web map[string]any) {
		l, err := newLoader("schema.json")
		if err != nil {
			t.Fatal(err)
		}
		l.web = web
		doc, err := decodeSchema(text, name)
		if err != nil {
			t.Fatal(err)
		}
		l.docs[l.main] = doc
		compiler := l.compiler()
		compiler.DefaultDraft(draft)
		if err := compiler.AddResource(l.main, doc); err != nil {
			t.Fatal(err)
		}
		checker, err := l.compile(compiler, l.main)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		a := agreement{name: name, checker: checker, words: collectWords(nil, doc)}
		for _, d := range data {
			a.data = append(a.data, d)
		}
		list = append(list, a)
	}
	text, err := os.ReadFile("testdata/agree.json")
	if err != nil {
		t.Fatal(err)
	}
	var own []struct {
		Schema json.RawMessage
		Data   []json.RawMessage
	}
	if err := json.Unmarshal(text, &own); err != nil {
		t.Fatal(err)
	}
	for _, c := range own {
		add(shorten(string(c.Schema), maxQuoted), c.Schema, c.Data, jsonschema.Draft2020, nil)
	}
	if os.Getenv("SLUICE_SUITES") != "" {
		dir := suiteDir(t)
		web := suiteRemotes(t, filepath.Join(dir, "remotes"))
		eachSuiteCase(t, dir, func(name string, c suiteCase, draft *jsonschema.Draft) {
			var data []json.RawMessage
			for _, test := range c.Tests {
				data = append(data, test.Data)
			}
			add(name, c.Schema, data, draft, web)
		})
	}
	return list
}

// collectWords appends the names and values that stand in a schema.
func collectWords(words []string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			words = collectWords(append(words, encode(key)), v[key])
		}
	case []any:
		for _, item := range v {
			words = collectWords(words, item)
		}
	default:
		return append(words, encode(v))
	}
	return append(words, encode(v))
}

// check compares the verdicts on a JSON text.
func (a *agreement) check(t *testing.T, text []byte) {
	t.Helper()
	nodes, fault := pipeline.Scan(nil, text, 100)
	if fault != nil || hasCostly(pipeline.NewValue(text, nodes)) {
		return
	}
	root := pipeline.NewValue(text, nodes)
	got, want := a.checker.program.Fits(root), a.checker.library.Check(root)
	if got != (want == nil) {
		t.Errorf("%s\nschema %s\nfits: %t, but the reference says %v", text, a.name, got, want)
	}
	if f := a.checker.Check(root); !reflect.DeepEqual(f, want) {
		t.Errorf("%s\nschema %s\nfailure  %#v\nexpected %#v", text, a.name, f, want)
	}
	if faults := a.checker.program.Faults(root); (len(faults) == 0) != got {
		t.Errorf("%s\nschema %s\nfits: %t, with %d faults", text, a.name, got, len(faults))
	}
}

func hasCostly(v pipeline.Value) bool {
	_, ok := new(converter).convert(v)
	return !ok
}

func TestProgramAndReferenceAgreeOnMutations(t *testing.T) {
	for _, a := range agreements(t) {
		random := rand.New(rand.NewPCG(1, uint64(len(a.name))))
		for _, data := range a.data {
			a.check(t, data)
			for range 40 {
				a.check(t, a.mutate(random, data))
			}
		}
	}
}

// FuzzAgree looks for a value on which the program and the reference differ.
func FuzzAgree(f *testing.F) {
	list := agreements(f)
	for i, a := range list {
		for _, data := range a.data {
			f.Add(uint16(i), uint64(i), []byte(data))
		}
	}
	f.Fuzz(func(t *testing.T, pick uint16, seed uint64, text []byte) {
		a := &list[int(pick)%len(list)]
		a.check(t, text)
		random := rand.New(rand.NewPCG(seed, 0))
		a.check(t, a.mutate(random, text))
		for _, data := range a.data {
			a.check(t, a.mutate(random, data))
		}
	})
}

// mutate spells a value anew, changed in some places: by values and names of
// the schema, other spellings of what is the same, duplicate keys.
func (a *agreement) mutate(random *rand.Rand, text []byte) []byte {
	return a.mutateAt(random, text, 2+random.IntN(12))
}

// mutateAt is mutate with the odds given: one value of so many is changed.
func (a *agreement) mutateAt(random *rand.Rand, text []byte, odds int) []byte {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		v = nil
	}
	m := mutation{Rand: random, words: a.words, odds: odds}
	m.value(v, 0)
	return []byte(m.text.String())
}

type mutation struct {
	*rand.Rand
	words []string
	odds  int // one value of so many is changed
	text  strings.Builder
}

var oddities = []string{
	`null`, `true`, `false`, `0`, `-0`, `-1`, `1.0`, `1e1`, `10e-1`, `0.1e1`, `1.5`, `1e400`, `-1E-7`, `9007199254740993`, `123456789012345678901234567890`,
	`""`, `"a"`, `"\u0061"`, `"é"`, `"\ud83d\ude00"`, `"😀😀"`, `"\u0000"`, `"\ud800"`, `"12345678"`, `"123456789"`, `[]`, `{}`, `[[]]`, `{"":0}`, `[1,1.0]`, `{"a":1,"a":2}`,
}

func (m *mutation) pick() string {
	if len(m.words) > 0 && m.IntN(2) == 0 {
		return m.words[m.IntN(len(m.words))]
	}
	return oddities[m.IntN(len(oddities))]
}

func (m *mutation) write(s string) { _, _ = m.text.WriteString(s) }

func (m *mutation) value(v any, depth int) {
	if depth < 6 && m.IntN(m.odds) == 0 {
		m.write(m.pick())
		return
	}
	switch v := v.(type) {
	case map[string]any:
		m.object(v, depth)
	case []any:
		m.write("[")
		for i, item := range v {
			if i > 0 {
				m.write(", ")
			}
			m.value(item, depth+1)
			if m.IntN(2*m.odds) == 0 {
				m.write(",")
				m.value(item, depth+1)
			}
		}
		m.write("]")
	case string:
		m.string(v)
	case json.Number:
		m.number(string(v))
	default:
		m.write(encode(v))
	}
}

func (m *mutation) object(v map[string]any, depth int) {
	m.write("{")
	keys := sortedKeys(v)
	m.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	first := true
	member := func(key string, value func()) {
		if !first {
			m.write(",")
		}
		first = false
		m.string(key)
		m.write(": ")
		value()
	}
	for _, key := range keys {
		if m.IntN(m.odds) == 0 {
			member(key, func() { m.write(m.pick()) }) // overridden
		}
		if m.IntN(2*m.odds) > 0 {
			member(key, func() { m.value(v[key], depth+1) })
		}
		if m.IntN(m.odds) == 0 {
			var other string
			if json.Unmarshal([]byte(m.pick()), &other) == nil {
				member(other, func() { m.write(m.pick()) })
			}
		}
	}
	m.write("}")
}

// string spells a string, sometimes with needless escapes.
func (m *mutation) string(s string) {
	text := encode(s)
	if m.IntN(m.odds) == 0 && s != "" && s[0] < 0x80 && s[0] != '"' && s[0] != '\\' && s[0] >= ' ' {
		const hex = "0123456789abcdef"
		text = `"\u00` + string(hex[s[0]>>4]) + string(hex[s[0]&15]) + text[2:]
	}
	m.write(text)
}

func (m *mutation) number(s string) {
	if m.IntN(m.odds) == 0 && !strings.ContainsAny(s, ".eE") {
		s += []string{".0", "e0", ".00E+0", "0e-1", ".5", "0"}[m.IntN(6)]
		if s == "00" || s == "-00" || strings.HasPrefix(s, "00") || strings.HasPrefix(s, "-00") {
			s = "0"
		}
	}
	m.write(s)
}
