package pipeline

import (
	"testing"
	"unicode/utf8"
)

func TestParsePath(t *testing.T) {
	for _, test := range []struct{ text, want, pointer string }{
		{"level", "level", "/level"},
		{"owner.team", "owner.team", "/owner/team"},
		{"tags[0]", "tags[0]", "/tags/0"},
		{`a.b[0][12]."id.orig_h".c`, `a.b[0][12]."id.orig_h".c`, "/a/b/0/12/id.orig_h/c"},
		{`"plain"`, "plain", "/plain"},
		{`""`, `""`, "/"},
		{`"a\"b[]\u0041"`, `"a\"b[]A"`, `/a"b[]A`},
		{"a/b~c", "a/b~c", "/a~1b~0c"},
		{"user name", "user name", "/user name"},
		{"Größe", "Größe", "/Größe"},
		{`"line\nend"`, `"line\nend"`, "/line\nend"},
		{`"\ud83d\ude00"`, "😀", "/😀"},
	} {
		p, err := ParsePath(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if p.String() != test.want || p.Pointer() != test.pointer || p.Zero() {
			t.Errorf("%s: %s, %s; expected %s, %s", test.text, p, p.Pointer(), test.want, test.pointer)
		}
	}
}

func TestParsePathSaysWhatIsWrong(t *testing.T) {
	const key = `a key (one with any of .[]" in it is quoted: "id.orig_h")`
	for _, test := range []struct{ name, text, want string }{
		{"an empty path", "", "empty path: expected a key such as level, owner.team or tags[0]"},
		{"a dot at the end", "a.", `path "a." ends at byte 2, expected ` + key},
		{"a dot at the start", ".a", `path ".a": unexpected '.' at byte 0, expected ` + key},
		{"two dots", "a..b", `path "a..b": unexpected '.' at byte 2, expected ` + key},
		{"an index at the start", "[0]", `path "[0]": unexpected '[' at byte 0, expected ` + key},
		{"an index without digits", "a[]", `path "a[]": unexpected ']' at byte 2, expected an array index such as [0]`},
		{"a negative index", "a[-1]", `path "a[-1]": unexpected '-' at byte 2, expected an array index such as [0]`},
		{"an index with a leading zero", "a[01]", `path "a[01]": unexpected '0' at byte 2, expected an array index from 0 to 2147483647 without leading zeros`},
		{"an index too large", "a[99999999999999999999]", `path "a[99999999999999999999]": unexpected '9' at byte 2, expected an array index from 0 to 2147483647 without leading zeros`},
		{"an open bracket", "a[1", `path "a[1" ends at byte 3, expected ']'`},
		{"no dot after an index", "a[1]b", `path "a[1]b": unexpected 'b' at byte 4, expected '.', '[' or the end`},
		{"a quote in the middle", `a"b"`, `path "a\"b\"": unexpected '"' at byte 1, expected '.', '[' or the end`},
		{"an open quote", `a."b`, `path "a.\"b" ends at byte 4, expected the quoted key to go on as a JSON string does and to end with '"'`},
		{"an unknown escape", `"\x"`, `path "\"\\x\"": unexpected '\\' at byte 1, expected the quoted key to go on as a JSON string does and to end with '"'`},
		{"bytes that are not UTF-8", "a\xff", `path "a\xff": byte 1 is not UTF-8`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := ParsePath(test.text)
			if err == nil {
				t.Fatalf("accepted as %s", p)
			}
			if err.Error() != test.want {
				t.Errorf("error\n  %s\nexpected\n  %s", err, test.want)
			}
		})
	}
}

func TestKeyPathIsLiteral(t *testing.T) {
	p := KeyPath("id.orig_h[0]")
	if p.String() != `"id.orig_h[0]"` || p.Pointer() != "/id.orig_h[0]" {
		t.Errorf("%s, %s", p, p.Pointer())
	}
	if got := KeyPath("a\xffb").String(); got != "a\ufffdb" {
		t.Errorf("a key that is not UTF-8 became %q", got)
	}
	if !(Path{}).Zero() || KeyPath("").Zero() {
		t.Error("Zero is wrong")
	}
}

func TestMustPathPanicsOnAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it did not")
		}
	}()
	MustPath("a.")
}

// FuzzPath checks that what String writes ParsePath reads as the same path.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"a.b[0]", `a."b.c"[1][2]."\u0000"`, `"".""`, `a[`, "\x01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p := KeyPath(s); utf8.ValidString(s) && p.segs[0].key != s {
			t.Fatalf("key %q became %q", s, p.segs[0].key)
		}
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		again, err := ParsePath(p.String())
		if err != nil || !again.hasPrefix(p) || !p.hasPrefix(again) || again.String() != p.String() {
			t.Fatalf("%q became %q, then %q (%v)", s, p, again, err)
		}
	})
}
