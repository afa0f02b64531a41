package pipeline

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScanSaysWhatItFound(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"an empty text", ``, "not_json: ends at byte 0, expected a value"},
		{"white space alone", "  ", "not_json: ends at byte 2, expected a value"},
		{"a byte order mark", "\ufeff{}", "not_json: unexpected byte order mark at byte 0, expected a value"},
		{"text", `hello`, "not_json: unexpected 'h' at byte 0, expected a value"},
		{"something after the text", `{} x`, "not_json: unexpected 'x' at byte 3, expected the end of the line"},
		{"an object without end", `{"a":1`, "not_json: ends at byte 6 inside an object, expected ',' or '}'"},
		{"an object that ends after a colon", `{"a":`, "not_json at /a: ends at byte 5 inside an object, expected a value"},
		{"an array without end", `[1`, "not_json: ends at byte 2 inside an array, expected ',' or ']'"},
		{"a bracket of the wrong kind", `{"a":[1}}`, "not_json at /a: unexpected '}' at byte 7, expected ',' or ']'"},
		{"no comma between members", `{"a":1 "b":2}`, `not_json: unexpected '"' at byte 7, expected ',' or '}'`},
		{"no colon", `{"a" 1}`, "not_json: unexpected '1' at byte 5, expected ':'"},
		{"a comma before the first member", `{,}`, "not_json: unexpected ',' at byte 1, expected a key or '}'"},
		{"a comma after the last member", `{"a":1, }`, "not_json: unexpected '}' at byte 8, expected a key"},
		{"a comma after the last element", `[1,]`, "not_json at /1: unexpected ']' at byte 3, expected a value"},
		{"a comma before the first element", `[,1]`, "not_json at /0: unexpected ',' at byte 1, expected a value"},
		{"a key without quotes", `{a:1}`, "not_json: unexpected 'a' at byte 1, expected a key or '}'"},
		{"a string without end", `{"a":"x`, `not_json at /a: ends at byte 7 inside a string, expected '"'`},
		{"a key without end", `{"a`, `not_json: ends at byte 3 inside a key, expected '"'`},
		{"a backslash at the end", `["\`, `not_json at /0: ends at byte 3 inside a string, expected '"'`},
		{"half an escape at the end", `["\u00`, `not_json at /0: ends at byte 6 inside a string, expected '"'`},
		{"an unknown escape", `["\x"]`, `not_json at /0: unexpected escape at byte 2 inside a string, expected one of \" \\ \/ \b \f \n \r \t \uXXXX`},
		{"an escape with a wrong digit", `["\u00g0"]`, `not_json at /0: unexpected escape at byte 2 inside a string, expected one of \" \\ \/ \b \f \n \r \t \uXXXX`},
		{"a control character in a string", "[\"a\tb\"]", "not_json at /0: unexpected control character 0x09 at byte 3 inside a string, expected it escaped"},
		{"a control character in a key", "{\"a\x00\":1}", "not_json: unexpected control character 0x00 at byte 3 inside a key, expected it escaped"},
		{"a leading zero", `[01]`, "not_json: unexpected '1' at byte 2, expected ',' or ']'"},
		{"a minus alone", `[-]`, "not_json at /0: unexpected ']' at byte 2, expected a digit"},
		{"a point without digits", `[1.]`, "not_json at /0: unexpected ']' at byte 3, expected a digit"},
		{"an exponent without digits", `[1e+`, "not_json at /0: ends at byte 4 inside a number, expected a digit"},
		{"NaN", `{"a":NaN}`, "not_json at /a: unexpected 'N' at byte 5, expected a value"},
		{"half a word", `{"a":tru`, "not_json at /a: ends at byte 8 inside a word, expected true, false or null"},
		{"a misspelled word", `{"a":trve}`, "not_json at /a: unexpected 'v' at byte 7, expected true, false or null"},
		{"a fault deep inside", `{"a/b":[{"x":1},{"y":[true,{"k~":nil}]}]}`, "not_json at /a~1b/1/y/1/k~0: unexpected 'i' at byte 34, expected true, false or null"},
		{"a fault under an escaped key", `{"\u0061":[}`, "not_json at /a/0: unexpected '}' at byte 11, expected a value"},
		{"a byte that is not UTF-8 in a string", "{\"a\":\"x\xffy\"}", "invalid_utf8 at /a: byte 0xff at byte 7 is not UTF-8"},
		{"a byte that is not UTF-8 in a key", "{\"\xc3\":1}", "invalid_utf8: byte 0xc3 at byte 2 is not UTF-8"},
		{"a byte that is not UTF-8 outside strings", "[\xe2\x82]", "invalid_utf8 at /0: byte 0xe2 at byte 1 is not UTF-8"},
		{"a byte that is not UTF-8 after another fault", "[x,\"\xff\"]", "invalid_utf8: byte 0xff at byte 4 is not UTF-8"},
		{"a surrogate as UTF-8", "[\"\xed\xa0\x80\"]", "invalid_utf8 at /0: byte 0xed at byte 2 is not UTF-8"},
		{"too many levels", `{"a":[1,[2,[3]]]}`, "too_deep at /a/1/1: nested too deep at byte 11, expected at most 3 levels of arrays and objects"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := []Node{{Start: 7}}
			nodes, err := Scan(before, []byte(test.src), 3+2*strings.Count(test.src, "nil"))
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Error() != test.want {
				t.Errorf("error\n  %s\nexpected\n  %s", err, test.want)
			}
			if !slices.Equal(nodes, before) {
				t.Errorf("nodes %v are left behind", nodes)
			}
		})
	}
}

func TestScanAcceptsAsDeepAsItMay(t *testing.T) {
	for _, test := range []struct {
		name, src string
		maxDepth  int
		ok        bool
	}{
		{"a scalar with no depth", `1`, 0, true},
		{"an object with no depth", `{}`, 0, false},
		{"an object with depth 1", `{"a":1}`, 1, true},
		{"as deep as the limit", strings.Repeat("[", 128) + strings.Repeat("]", 128), 128, true},
		{"one deeper", strings.Repeat("[", 129) + strings.Repeat("]", 129), 128, false},
		{"many beside one another", "[" + strings.Repeat("[],", 500) + "{}]", 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Scan(nil, []byte(test.src), test.maxDepth)
			if (err == nil) != test.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestScanReadsEveryWordBoundary moves what ends a run of plain characters
// through all offsets of a word and beyond.
func TestScanReadsEveryWordBoundary(t *testing.T) {
	for before := range 20 {
		for after := range 20 {
			for _, middle := range []string{``, `\"`, `\\`, `é`, "\u20ac", "\U0001f600", `\ud83d\ude00`, "\x7f", "!", "#", "[", "]"} {
				text := strings.Repeat("a", before) + middle + strings.Repeat("b", after)
				src := []byte(`{"` + text + `":"` + text + `","z":["` + text + `"]}`)
				nodes, err := Scan(nil, src, 2)
				if err != nil {
					t.Fatalf("%s: %v", src, err)
				}
				checkIndex(t, src, nodes)
			}
			for _, middle := range []string{"\x00", "\x1f", "\n", "\x80", "\xff", `\x`, `\u12g4`} {
				src := `["` + strings.Repeat("a", before) + middle + strings.Repeat("b", after) + `"]`
				if _, err := Scan(nil, []byte(src), 2); err == nil {
					t.Fatalf("%q was accepted", src)
				}
			}
		}
	}
}

func TestScanIndexesDuplicateKeys(t *testing.T) {
	src := []byte(`{"a":1,"b":2,"a":{"c":3},"\u0061":4}`)
	nodes, err := Scan(nil, src, 2)
	if err != nil {
		t.Fatal(err)
	}
	v := NewValue(src, nodes)
	if got := string(v.Member("a").JSON()); got != "4" || v.Len() != 4 {
		t.Errorf("a is %s and there are %d members; expected the last, 4, and 4", got, v.Len())
	}
}

func TestScanDoesNotAllocate(t *testing.T) {
	src := []byte(`{"id":"x-1","n":[1,2.5,{"ok":true,"no":null}],"msg":"Zo\u00eb é 😀"}`)
	nodes := make([]Node, 0, 32)
	if n := testing.AllocsPerRun(100, func() { nodes, _ = Scan(nodes[:0], src, 8) }); n != 0 {
		t.Errorf("%v allocations a scan", n)
	}
}

// FuzzScan compares the verdict with encoding/json's and the content of the
// index with what encoding/json decodes. encoding/json takes bytes in strings
// that are not UTF-8, and has a depth limit of its own, above the one here.
func FuzzScan(f *testing.F) {
	for _, src := range []string{
		`{"a":1,"b":[true,null,{"c":"d"}],"e":-1.5e-3}`, ` [ ] `, `"\ud800"`, `{"a":"\u0000\/é"}`, `[1,2`, `{"a":tru}`,
		`{"k":"12345678","l":"1234567"}`, "{\"a\xff\":0}", `{"a" : {} , "b" : [ ] }`, `{"a":1,"a":2,"\u0061":3}`, "\"\x80\"", `[-0,0.0,1E+2]`,
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		nodes, err := Scan(nil, src, 200)
		want := json.Valid(src) && utf8.Valid(src)
		switch {
		case err == nil && !want:
			t.Fatalf("accepted %q", src)
		case err == nil:
			checkIndex(t, src, nodes)
		case err.Code == CodeTooDeep:
		case want:
			t.Fatalf("rejected %q: %v", src, err)
		case (err.Code == CodeInvalidUTF8) != !utf8.Valid(src):
			t.Fatalf("%q: code %s", src, err.Code)
		case err.Message == "":
			t.Fatalf("%q: no message", src)
		}
	})
}

// checkIndex checks an index against its invariants and encoding/json.
func checkIndex(t *testing.T, src []byte, nodes []Node) {
	t.Helper()
	if len(nodes) == 0 || int(nodes[0].Next) != len(nodes) {
		t.Fatalf("%q: the root does not span all %d nodes", src, len(nodes))
	}
	for i, n := range nodes {
		if n.Start >= n.End || int(n.End) > len(src) || int(n.Next) <= i || int(n.Next) > len(nodes) {
			t.Fatalf("%q: node %d is %+v", src, i, n)
		}
		if container := n.Kind == KindArray || n.Kind == KindObject; !container && int(n.Next) != i+1 {
			t.Fatalf("%q: scalar %d is %+v", src, i, n)
		}
	}
	if !bytes.Equal(bytes.Trim(src, " \t\r\n"), src[nodes[0].Start:nodes[0].End]) {
		t.Fatalf("%q: the root is %+v", src, nodes[0])
	}
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	checkValue(t, dec, NewValue(src, nodes))
}

// checkValue compares v with what the decoder reads next.
func checkValue(t *testing.T, dec *json.Decoder, v Value) {
	t.Helper()
	token, err := dec.Token()
	if err != nil {
		t.Fatalf("%s: %v", v.JSON(), err)
	}
	switch want := token.(type) {
	case json.Delim:
		if want != json.Delim(v.JSON()[0]) || (want == '{') != (v.Kind() == KindObject) {
			t.Fatalf("%s is %v; expected %v", v.JSON(), v.Kind(), want)
		}
		for child := range v.Children() {
			if want == '{' {
				if key, err := dec.Token(); err != nil || key != child.Key() {
					t.Fatalf("key %q; expected %v, %v", child.Key(), key, err)
				}
			}
			checkValue(t, dec, child)
		}
		if end, err := dec.Token(); err != nil || end != want+2 {
			t.Fatalf("%s goes on with %v, %v", v.JSON(), end, err)
		}
	case string:
		if v.Kind() != KindString || string(v.Text(nil)) != want || !v.EqualText(want) || string(v.AppendText(nil)) != want {
			t.Fatalf("%s reads %q; expected %q", v.JSON(), v.Text(nil), want)
		}
	case json.Number:
		if v.Kind() != KindNumber || string(v.JSON()) != string(want) {
			t.Fatalf("%s; expected %s", v.JSON(), want)
		}
	case bool:
		if b, ok := v.Bool(); !ok || b != want {
			t.Fatalf("%s; expected %v", v.JSON(), want)
		}
	case nil:
		if v.Kind() != KindNull {
			t.Fatalf("%s; expected null", v.JSON())
		}
	}
}
