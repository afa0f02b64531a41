package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// modelObject is a decoded object that keeps its keys' order. Of a key that
// comes more than once the last one stands, where it stands.
type modelObject struct {
	keys   []string
	values []any
}

func (o *modelObject) find(key string) int { return slices.Index(o.keys, key) }

func (o *modelObject) put(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.values[i] = v
		return
	}
	o.keys, o.values = append(o.keys, key), append(o.values, v)
}

func (o *modelObject) remove(key string) bool {
	i := o.find(key)
	if i >= 0 {
		o.keys, o.values = slices.Delete(o.keys, i, i+1), slices.Delete(o.values, i, i+1)
	}
	return i >= 0
}

type modelArray struct{ values []any }

// decodeModel decodes with encoding/json.
func decodeModel(t *testing.T, text []byte) any {
	t.Helper()
	if !json.Valid(text) {
		t.Fatalf("not JSON: %s", text)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return decodeNext(dec)
}

func decodeNext(dec *json.Decoder) any {
	token, _ := dec.Token()
	switch token {
	case json.Delim('{'):
		o := &modelObject{}
		for dec.More() {
			key, _ := dec.Token()
			v := decodeNext(dec)
			o.remove(key.(string))
			o.put(key.(string), v)
		}
		dec.Token()
		return o
	case json.Delim('['):
		a := &modelArray{}
		for dec.More() {
			a.values = append(a.values, decodeNext(dec))
		}
		dec.Token()
		return a
	}
	return token
}

// spell writes a decoded value down, in order.
func spell(v any) string {
	switch v := v.(type) {
	case *modelObject:
		var b strings.Builder
		for i, key := range v.keys {
			fmt.Fprintf(&b, "%q:%s,", key, spell(v.values[i]))
		}
		return "{" + b.String() + "}"
	case *modelArray:
		var b strings.Builder
		for _, e := range v.values {
			b.WriteString(spell(e) + ",")
		}
		return "[" + b.String() + "]"
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

func modelChild(v any, seg segment) (any, bool) {
	switch v := v.(type) {
	case *modelObject:
		if i := v.find(seg.key); seg.index < 0 && i >= 0 {
			return v.values[i], true
		}
	case *modelArray:
		if seg.index >= 0 && seg.index < len(v.values) {
			return v.values[seg.index], true
		}
	}
	return nil, false
}

func modelGet(v any, segs []segment) (any, bool) {
	ok := true
	for _, seg := range segs {
		if v, ok = modelChild(v, seg); !ok {
			return nil, false
		}
	}
	return v, true
}

// modelSet says whether it could.
func modelSet(root any, segs []segment, value any) bool {
	last := len(segs) - 1
	for i, seg := range segs {
		child, ok := modelChild(root, seg)
		if ok && i < last {
			root = child
			continue
		}
		if !ok && i < last {
			var can bool
			if value, can = modelWrap(segs[i+1:], value); !can {
				return false
			}
		}
		switch v := root.(type) {
		case *modelObject:
			if seg.index >= 0 {
				return false
			}
			v.put(seg.key, value)
			return true
		case *modelArray:
			if ok {
				v.values[seg.index] = value
			}
			return ok
		}
		return false
	}
	return false
}

func modelWrap(segs []segment, value any) (any, bool) {
	for _, seg := range slices.Backward(segs) {
		if seg.index >= 0 {
			return nil, false
		}
		value = &modelObject{keys: []string{seg.key}, values: []any{value}}
	}
	return value, true
}

func modelRemove(root any, segs []segment) bool {
	last := len(segs) - 1
	holder, ok := modelGet(root, segs[:last])
	if _, exists := modelChild(holder, segs[last]); !ok || !exists {
		return false
	}
	switch v := holder.(type) {
	case *modelObject:
		return v.remove(segs[last].key)
	case *modelArray:
		v.values = slices.Delete(v.values, segs[last].index, segs[last].index+1)
	}
	return true
}

func modelRename(root any, from, to Path) bool {
	value, ok := modelGet(root, from.segs)
	switch {
	case !ok:
		return true
	case to.hasPrefix(from):
		value, ok = modelWrap(to.segs[len(from.segs):], value)
		return ok && modelSet(root, from.segs, value)
	case from.hasPrefix(to):
		return modelSet(root, to.segs, value)
	case !modelSet(root, to.segs, value):
		return false
	}
	return modelRemove(root, from.segs)
}

// randomCase makes random documents and paths over few keys, so that they meet.
type randomCase struct{ *rand.Rand }

func (r randomCase) key() string { return []string{"a", "b", "c", "d.e", "", "é"}[r.IntN(6)] }

func (r randomCase) path() Path {
	p := KeyPath(r.key())
	for range r.IntN(3) {
		if r.IntN(4) == 0 {
			p.segs = append(p.segs, segment{index: r.IntN(3)})
		} else {
			p.segs = append(p.segs, keySegment(r.key()))
		}
	}
	return p
}

func (r randomCase) space() string { return []string{"", "", "", " ", " \t"}[r.IntN(5)] }

func (r randomCase) value(depth int) string {
	kind := r.IntN(9)
	if depth == 0 {
		kind = r.IntN(6)
	}
	switch kind {
	case 6, 7:
		return r.object(depth)
	case 8:
		elements := make([]string, r.IntN(4))
		for i := range elements {
			elements[i] = r.space() + r.value(depth-1) + r.space()
		}
		return "[" + r.space() + strings.Join(elements, ",") + "]"
	}
	return []string{"1", "-2.50e1", "true", "null", `"x,{}"`, `"\u00e9"`}[kind]
}

func (r randomCase) object(depth int) string {
	members := make([]string, r.IntN(5))
	for i := range members {
		key, _ := json.Marshal(r.key())
		if r.IntN(5) == 0 {
			key = []byte(`"\u0061"`)
		}
		members[i] = r.space() + string(key) + r.space() + ":" + r.space() + r.value(depth-1) + r.space()
	}
	return "{" + r.space() + strings.Join(members, ",") + "}"
}

func checkAgainstModel(t *testing.T, seed uint64, steps int) {
	r := randomCase{rand.New(rand.NewPCG(seed, 1))}
	line := r.space() + r.object(3) + r.space()
	b := NewBatch(LaneNormal, `{"neighbour":1}`, line)
	defer b.release()
	rec, model := b.Record(1), decodeModel(t, []byte(line))
	history := line
	note := func(format string, args ...any) { history += "\n" + fmt.Sprintf(format, args...) }
	for range steps {
		p, q := r.path(), r.path()
		switch r.IntN(6) {
		case 0, 1, 2:
			text := r.value(2)
			note("set %s %s", p, text)
			if got, want := rec.Set(p, []byte(text)) == nil, modelSet(model, p.segs, decodeModel(t, []byte(text))); got != want {
				t.Fatalf("%s\nset: %v; expected %v", history, got, want)
			}
		case 3, 4:
			note("remove %s", p)
			if got, want := rec.Remove(p), modelRemove(model, p.segs); got != want {
				t.Fatalf("%s\nremove: %v; expected %v", history, got, want)
			}
		case 5:
			note("rename %s %s", p, q)
			if got, want := rec.Rename(p, q) == nil, modelRename(model, p, q); got != want {
				t.Fatalf("%s\nrename: %v; expected %v", history, got, want)
			}
		}
		reads := []Path{r.path(), r.path(), r.path(), {}, r.path(), r.path()}
		if r.IntN(2) == 0 {
			compareAllWithModel(t, history, rec, model, reads)
		}
		compareWithModel(t, history, rec, model, reads[0], []Path{r.path(), r.path(), r.path()})
	}
}

func compareAllWithModel(t *testing.T, history string, rec *Record, model any, reads []Path) {
	t.Helper()
	for i, v := range rec.GetAll(nil, NewPaths(reads...)) {
		want, ok := modelGet(model, reads[i].segs)
		ok = ok && !reads[i].Zero()
		switch {
		case v.Exists() != ok:
			t.Fatalf("%s\nof %v, %s exists: %v; expected %v", history, reads, reads[i], v.Exists(), ok)
		case ok && spell(decodeModel(t, v.JSON())) != spell(want):
			t.Fatalf("%s\nof %v, %s is %s; expected %s", history, reads, reads[i], v.JSON(), spell(want))
		}
	}
}

func compareWithModel(t *testing.T, history string, rec *Record, model any, read Path, without []Path) {
	t.Helper()
	got := rec.AppendJSON([]byte("before"))[len("before"):]
	if spell(decodeModel(t, got)) != spell(model) {
		t.Fatalf("%s\nrecord   %s\nexpected %s", history, got, spell(model))
	}
	want, ok := modelGet(model, read.segs)
	switch v := rec.Get(read); {
	case v.Exists() != ok:
		t.Fatalf("%s\n%s exists: %v; expected %v", history, read, v.Exists(), ok)
	case ok && spell(decodeModel(t, v.JSON())) != spell(want):
		t.Fatalf("%s\n%s is %s; expected %s", history, read, v.JSON(), spell(want))
	}
	left := decodeModel(t, got)
	for _, p := range without {
		modelRemove(left, p.segs)
	}
	short := rec.AppendWithout(nil, NewPaths(without...))
	if spell(decodeModel(t, short)) != spell(left) {
		t.Fatalf("%s\nwithout %v: %s; expected %s", history, without, short, spell(left))
	}
	if again := rec.AppendJSON(nil); spell(decodeModel(t, again)) != spell(model) {
		t.Fatalf("%s\nafter reading: %s", history, again)
	}
}

func TestOverlayAgreesWithTheModel(t *testing.T) {
	for seed := range uint64(1500) {
		checkAgainstModel(t, seed, 8)
	}
}

func FuzzOverlay(f *testing.F) {
	f.Add(uint64(1), uint8(20))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint8) { checkAgainstModel(t, seed, int(steps%40)) })
}
