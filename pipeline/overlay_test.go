package pipeline

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestOverlayKeepsTheSpelling(t *testing.T) {
	set := func(path, json string) func(*Record) any {
		return func(r *Record) any { return r.Set(MustPath(path), []byte(json)) }
	}
	remove := func(path string) func(*Record) any {
		return func(r *Record) any { return r.Remove(MustPath(path)) }
	}
	rename := func(from, to string) func(*Record) any {
		return func(r *Record) any { return r.Rename(MustPath(from), MustPath(to)) }
	}
	for _, test := range []struct {
		name, line, want string
		edits            []func(*Record) any
	}{
		{"no edit cuts white space around only", ` { "a" : 1.50 } `, `{ "a" : 1.50 }`, nil},
		{"a new field comes last", `{"b":1e2,"a":-0}`, `{"b":1e2,"a":-0,"c":3}`, []func(*Record) any{set("c", "3")}},
		{"a field in an empty object", `{ }`, `{"c":3}`, []func(*Record) any{set("c", "3")}},
		{"a field in place", `{"a": 1 ,"b":2}`, `{"a": [] ,"b":2}`, []func(*Record) any{set("a", "[]")}},
		{"the last of two duplicates in place", `{"a":1,"a":2}`, `{"a":1,"a":3}`, []func(*Record) any{set("a", "3")}},
		{"a field inside an object", `{"o":{"x":1},"z":0}`, `{"o":{"x":1,"y":2},"z":0}`, []func(*Record) any{set("o.y", "2")}},
		{"objects on the way", `{}`, `{"a":{"b":{"c":1,"d":2}}}`, []func(*Record) any{set("a.b.c", "1"), set("a.b.d", "2")}},
		{"an element", `{"a":[1,{"b":2}]}`, `{"a":[0,{"b":3}]}`, []func(*Record) any{set("a[0]", "0"), set("a[1].b", "3")}},
		{"an object over edits inside it", `{"o":{"x":1}}`, `{"o":7}`, []func(*Record) any{set("o.y", "2"), set("o", "7")}},
		{"the first member", `{"a":1 , "b":2}`, `{"b":2}`, []func(*Record) any{remove("a")}},
		{"the last member", `{"a":1 , "b":2 }`, `{"a":1  }`, []func(*Record) any{remove("b")}},
		{"the only member", `{ "a":1 }`, `{ }`, []func(*Record) any{remove("a")}},
		{"every member, then a new one", `{"a":1,"b":2,"c":3}`, `{"d":4}`,
			[]func(*Record) any{remove("b"), remove("a"), remove("c"), set("d", "4")}},
		{"all duplicates of a member", `{"a":1,"b":2,"a":3,"\u0061":4}`, `{"b":2}`, []func(*Record) any{remove("a")}},
		{"a member that was removed comes last", `{"a":1,"b":2}`, `{"b":2,"a":3}`, []func(*Record) any{remove("a"), set("a", "3")}},
		{"elements move up", `{"a":[1,2,3]}`, `{"a":[9]}`, []func(*Record) any{remove("a[0]"), remove("a[1]"), set("a[0]", "9")}},
		{"a rename to a new field", `{"a":1.0,"b":2}`, `{"b":2,"c":1.0}`, []func(*Record) any{rename("a", "c")}},
		{"a rename over a field", `{"a":1.0,"b":2}`, `{"b":1.0}`, []func(*Record) any{rename("a", "b")}},
		{"a rename into itself", `{"a":1,"b":2}`, `{"a":{"x":1},"b":2}`, []func(*Record) any{rename("a", "a.x")}},
		{"a rename out of its object", `{"a":{"x":{"x":1}}}`, `{"a":{"x":1}}`, []func(*Record) any{rename("a.x", "a")}},
		{"a rename of an edited object", `{"a":{"x":1}}`, `{"b":{"x":1,"y":2}}`, []func(*Record) any{set("a.y", "2"), rename("a", "b")}},
		{"a rename of nothing", `{"a":1}`, `{"a":1}`, []func(*Record) any{rename("x", "a")}},
		{"text of every kind", `{}`, `{"t":"q\" b\\ n\n \u0001\u001f` + "\x7f é 😀 \ufffd" + `"}`, []func(*Record) any{func(r *Record) any {
			return r.SetText(MustPath("t"), []byte("q\" b\\ n\n \x01\x1f\x7f é 😀 \xff"))
		}}},
		{"numbers and booleans", `{}`, `{"i":-9223372036854775808,"f":0.1,"g":1e+21,"t":true,"n":false}`, []func(*Record) any{
			func(r *Record) any { return r.SetInt(MustPath("i"), math.MinInt64) },
			func(r *Record) any { return r.SetFloat(MustPath("f"), 0.1) },
			func(r *Record) any { return r.SetFloat(MustPath("g"), 1e21) },
			func(r *Record) any { return r.SetBool(MustPath("t"), true) },
			func(r *Record) any { return r.SetBool(MustPath("n"), false) },
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := NewBatch(LaneNormal, test.line).Record(0)
			for _, edit := range test.edits {
				edit(r)
			}
			if got := string(r.AppendJSON(nil)); got != test.want {
				t.Errorf("%s; expected %s", got, test.want)
			}
			if string(r.Raw()) != test.line {
				t.Errorf("the raw bytes became %s", r.Raw())
			}
		})
	}
}

func TestSetSaysWhyItCannot(t *testing.T) {
	for _, test := range []struct{ name, line, path, want string }{
		{"through a string", `{"a":{"b":"x"}}`, "a.b.c", "step at /a/b: cannot set a.b.c: a.b is a string, expected an object"},
		{"through null", `{"a":null}`, "a.b", "step at /a: cannot set a.b: a is null, expected an object"},
		{"a key of an array", `{"a":[1]}`, "a.b", "step at /a: cannot set a.b: a is an array, expected an object"},
		{"an index of an object", `{"a":{}}`, "a[0]", "step at /a: cannot set a[0]: a is an object, expected an array"},
		{"past an array's end", `{"a":[1]}`, "a[1]", "step at /a: cannot set a[1]: a is an array that ends before that element, expected at least 2 elements"},
		{"an element of nothing", `{}`, "a.b[0].c", "step at /a/b: cannot set a.b[0].c: there is no array a.b, and none is made"},
		{"a record that is an array", `[1]`, "a", "step: cannot set a: the record is an array, expected an object"},
		{"a record that is not JSON", `{"a"`, "a", "step: cannot set a: the record is not JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := NewBatch(LaneNormal, test.line).Record(0)
			err := r.Set(MustPath(test.path), []byte("1"))
			if err == nil || err.Error() != test.want {
				t.Errorf("error\n  %v\nexpected\n  %s", err, test.want)
			}
			if got := string(r.AppendJSON(nil)); got != test.line {
				t.Errorf("the record became %s", got)
			}
		})
	}
	r := NewBatch(LaneNormal, `{}`).Record(0)
	if err := r.SetFloat(MustPath("a.b"), math.Inf(-1)); err == nil || err.Error() != "step at /a/b: the result is -Inf, which JSON has no number for" {
		t.Errorf("infinity: %v", err)
	}
	if err := r.Set(Path{}, []byte("1")); err == nil || r.Get(Path{}).Exists() || r.Remove(Path{}) {
		t.Errorf("the zero path: %v", err)
	}
}

func TestAFailedRenameChangesNothing(t *testing.T) {
	const line = `{"a":{"x":1},"b":"text"}`
	for _, to := range []string{"b.c", "a.x.y[0]", "c[0]"} {
		r := NewBatch(LaneNormal, line).Record(0)
		if err := r.Rename(MustPath("a.x"), MustPath(to)); err == nil {
			t.Errorf("a.x became %s", to)
		}
		if got := string(r.AppendJSON(nil)); got != line {
			t.Errorf("to %s: the record became %s", to, got)
		}
	}
}

func TestAppendWithoutLeavesTheRecordAlone(t *testing.T) {
	b := NewBatch(LaneNormal, `{"a":1,"o":{"x":1,"y":2},"z":[1,2]}`)
	r := b.Record(0)
	r.SetInt(MustPath("n"), 5)
	r.SetInt(MustPath("o.w"), 6)
	paths := NewPaths(MustPath("a"), MustPath("o.x"), MustPath("n"), MustPath("missing.x"), MustPath("z[1]"))
	for range 2 {
		if got := string(r.AppendWithout([]byte("> "), paths)); got != `> {"o":{"y":2,"w":6},"z":[1]}` {
			t.Errorf("without: %s", got)
		}
		if got := string(r.AppendJSON(nil)); got != `{"a":1,"o":{"x":1,"y":2,"w":6},"z":[1,2],"n":5}` {
			t.Errorf("with: %s", got)
		}
	}
}

func TestRecordsOfABatchDoNotMix(t *testing.T) {
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf(`{"i":%d,"o":{}}`, i))
	}
	b := NewBatch(LaneNormal, lines...)
	n, in := MustPath("n"), MustPath("o.n")
	for i := range b.Len() {
		b.Record(i).SetInt(n, int64(i))
	}
	for i := range b.Len() {
		b.Record(i).SetInt(in, int64(2*i))
	}
	for i := range b.Len() {
		want := fmt.Sprintf(`{"i":%d,"o":{"n":%d},"n":%d}`, i, 2*i, i)
		if got := string(b.Record(i).AppendJSON(nil)); got != want {
			t.Errorf("%s; expected %s", got, want)
		}
	}
}

// TestRemovingManyDuplicatesIsLinear would not come to its end otherwise.
func TestRemovingManyDuplicatesIsLinear(t *testing.T) {
	line := "{" + strings.Repeat(`"a":{},`, 150_000) + `"b":1}`
	r := NewBatch(LaneNormal, line).Record(0)
	r.SetInt(MustPath("a.x"), 1)
	r.SetInt(MustPath("c"), 1)
	if !r.Remove(MustPath("a")) {
		t.Error("not removed")
	}
	r.SetInt(MustPath("a"), 2)
	if got := string(r.AppendJSON(nil)); got != `{"b":1,"c":1,"a":2}` {
		t.Errorf("%.80s", got)
	}
}

// enrich is what a typical record gets: three fields, one of them shared.
func enrich(r *Record, region, severity, slow Path, value []byte) {
	r.SetShared(region, value)
	r.SetInt(severity, 9)
	r.SetBool(slow, false)
}

func TestEnrichingDoesNotAllocate(t *testing.T) {
	b := NewBatch(LaneNormal, `{"host":"web-1","level":"info","duration_ms":12.5}`)
	r := b.Record(0)
	r.Index(DefaultMaxDepth)
	region, severity, slow, host := MustPath("region"), MustPath("severity"), MustPath("slow"), MustPath("host")
	columns, values := NewPaths(host, severity), make([]Value, 2)
	value, out := []byte(`"eu-west"`), make([]byte, 0, 1024)
	nodes := len(b.nodes)
	round := func() {
		enrich(r, region, severity, slow, value)
		if !r.Get(host).EqualText("web-1") || !r.Get(region).EqualText("eu-west") {
			t.Error("wrong")
		}
		if values = r.GetAll(values, columns); !values[0].EqualText("web-1") || string(values[1].JSON()) != "9" {
			t.Error("wrong")
		}
		out = r.AppendJSON(out[:0])
		out = r.AppendWithout(out, columns)
		r.editFirst, r.editLast = noEdit, noEdit // as if it were the next record
		b.edits, b.text, b.nodes = b.edits[:0], b.text[:0], b.nodes[:nodes]
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations a record", n)
	}
}

// BenchmarkSplice writes a record to which three fields were added before.
func BenchmarkSplice(b *testing.B) {
	r := NewBatch(LaneNormal, string(eventLineForGet)).Record(0)
	r.Index(DefaultMaxDepth)
	enrich(r, MustPath("region"), MustPath("severity"), MustPath("slow"), []byte(`"eu-west"`))
	out := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		out = r.AppendJSON(out[:0])
	}
}

// BenchmarkAppendJSON writes records with three fields added.
func BenchmarkAppendJSON(b *testing.B) {
	lines, size := benchLines(b)
	region, severity, slow := MustPath("region"), MustPath("severity"), MustPath("slow")
	value := []byte(`"eu-west"`)
	b.SetBytes(size)
	b.ReportAllocs()
	batch := NewBatch(LaneNormal, "")
	out := make([]byte, 0, 4096)
	for i := 0; b.Loop(); i++ {
		batch.records, batch.nodes, batch.edits, batch.text = batch.records[:0], batch.nodes[:0], batch.edits[:0], batch.text[:0]
		r := batch.add(lines[i%len(lines)], 0, 1, 0)
		if r.Index(DefaultMaxDepth) == nil {
			enrich(r, region, severity, slow, value)
		}
		out = r.AppendJSON(out[:0])
	}
}

// BenchmarkGet reads a field.
func BenchmarkGet(b *testing.B) {
	r := NewBatch(LaneNormal, string(eventLineForGet)).Record(0)
	r.Index(DefaultMaxDepth)
	path := MustPath("status")
	b.ReportAllocs()
	for b.Loop() {
		r.Get(path)
	}
}

// BenchmarkGetAll reads the fields of a record as a sink with columns does.
func BenchmarkGetAll(b *testing.B) {
	r := NewBatch(LaneNormal, string(eventLineForGet)).Record(0)
	r.Index(DefaultMaxDepth)
	paths := NewPaths(MustPath("id"), MustPath("ts"), MustPath("level"), MustPath("service"), MustPath("host"), MustPath("ip"),
		MustPath("user_id"), MustPath("status"), MustPath("duration_ms"), MustPath("path"))
	values := make([]Value, paths.Len())
	b.ReportAllocs()
	for b.Loop() {
		r.GetAll(values, paths)
	}
}

var eventLineForGet = []byte(`{"id":"x","ts":"2026-01-02T03:04:05.703Z","level":"info","service":"shipping","host":"web-128","ip":"189.249.111.200",` +
	`"user_id":356829,"status":200,"duration_ms":284.2,"path":"/api/checkout","msg":"upstream call finished"}`)
