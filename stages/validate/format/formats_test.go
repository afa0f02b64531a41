package format

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// samples are texts of each format that are long, to count allocations with.
var samples = map[string]string{
	"date": "2024-02-29", "date-time": "2026-11-22T06:05:04.123456789+01:00", "time": "06:05:04.5-08:00",
	"duration": "P1Y2M3DT4H5M6S", "email": "jane.doe+tag@mail.example.com", "idn-email": "δοκιμή@παράδειγμα.gr",
	"hostname": "a-b.c1.example.com", "ipv4": "203.0.113.255", "ipv6": "2001:db8::ffff:192.0.2.1",
	"iri": "https://example.com/ä?ö#ü", "iri-reference": "../ä?ö", "json-pointer": "/a~0b/~1/ü",
	"regex": `^(?:[a-z\d]{2,5}|\u00e9|\p{Lu})+$`, "relative-json-pointer": "12/a/b",
	"uri": "https://user:pw@[2001:db8::1]:8080/a/b%20c?d=e&f#g", "uri-reference": "../a/b?c#d",
	"uri-template": "https://example.com/{a}{?b,c*,d:3}", "uuid": "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
	"idn-hostname": "παράδειγμα.gr",
}

func TestChecksAllocateNothing(t *testing.T) {
	for _, name := range Names() {
		text, check := []byte(samples[name]), Lookup(name)
		if !check(text) {
			t.Errorf("%s is no %s", text, name)
		}
		if n := testing.AllocsPerRun(100, func() { check(text) }); n > 0 && name != "idn-hostname" {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

func TestExamplesHaveTheirFormat(t *testing.T) {
	for name := range examples {
		if check := Lookup(name); check == nil || !check([]byte(Example(name))) {
			t.Errorf("%s is no %s", Example(name), name)
		}
	}
}

func TestNameThatIsUnknownHasNoCheck(t *testing.T) {
	if Lookup("color") != nil || Lookup("") != nil {
		t.Error("an unknown format has a check")
	}
}

// What the official suite leaves out.
func TestFormatsAtTheirEdges(t *testing.T) {
	tests := []struct {
		format  string
		yes, no []string
	}{
		{"date", []string{"2000-02-29", "0000-12-31"}, []string{"1900-02-29", "2026-04-31", "2026-1a-01"}},
		{"time", []string{"00:29:60+00:30", "23:59:59.0z"}, []string{"08:30:06.Z", "08:30:06", "08:30:0:Z", "0a:30:06Z", "08:30:06+0100", "08:30:06+1:000"}},
		{"date-time", []string{"2016-12-31T18:59:60.5-05:00"}, []string{"2026-11-22", "2026-11-22T", "2026-11-22 06:05:04Z", "2026-11-22\x5406:05"}},
		{"duration", []string{"P1YT1S", "P0W", "PT1H2M3S"}, []string{"P1", "PT", "PW", "PTW", "P1W2", "PT1Y", "P1YT", "P1M1Y", "p1D", "PT1H1H"}},
		{"uuid", nil, []string{"", "2eb8aa08_aa98_11ea_b4aa_73b441d16380", "{eb8aa08-aa98-11ea-b4aa-73b441d1638}"}},
		{"ipv4", nil, []string{"00.0.0.0", "1.2.3", "1.2.3.", "1.2.3.1234", "1.2.3.4.", "1,2.3.4"}},
		{"ipv6", []string{"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "A::f"},
			[]string{"", ":", ":::", "1:", ":1", "::1::", "1:2:3:4:5:6:7:8:9", "1::2:3:4:5:6:7:8", "::2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "1.2.3.4::", "::1.2.3.4:1", "g::"}},
		{"hostname", []string{"a", "1.2", "XN--9N2BP8Q.com", strings.Repeat("a.", 126) + "a"},
			[]string{"a..b", strings.Repeat("a.", 126) + "ab", "a-.b", "a b", "xn--", "xn--a-.com"}},
		{"idn-hostname", []string{"EXAMPLE.com", "straße.de"}, []string{"☃.net", "Ä.de", "ᄀ.kr", "a\u0301.fr", strings.Repeat("é", 1000)}},
		{"email", []string{`a!#$%&'*+-/=?^_{|}~@b`, `"a\"b\\"@[ipv6:2001:db8::1]`, strings.Repeat("a", 64) + "@b.c"},
			[]string{"", "@", "a@", `"a@b`, `"a\"@b`, `""a"@b`, "\"a\nb\"@c", strings.Repeat("a", 65) + "@b.c", "é@b.c", "a@[IPv6:1.2.3.4]", "a@[]", "a@b..c", "a@-b"}},
		{"idn-email", []string{"a@[1.2.3.4]", `"a b"@é.é`}, []string{"a@é..b", "a@é_b", "a@-é"}},
		{"uri", []string{"a:", "a:b", "a+-.9:/", "http://", "http://a:", "http://[v1.a:b]/", "x://a?b?c#d?e/f", "http://%41/"},
			[]string{"", ":", "a", "http://a:1x", "http://[::1", "http://[::1]x", "http://[v1.]", "http://[v.a]", "http://a#b#c", "http://a/%4", "http://a?[", "a:\x00", "http://a]/"}},
		{"uri-reference", []string{"a/b:c", "?a:b", "#a:b", "//a:1", "."}, []string{"a:b:c d", "%", "a b", ":a", "1a:b"}},
		{"iri", []string{"http://é/é?\ue000#é", "http://\U000e1000/"}, []string{"http://é/\ue000", "http://\ufffd/", "http://a/\U000e0001", "http://a/\U0001fffe"}},
		{"json-pointer", []string{"/~01"}, []string{"~0", "/~", "/a~"}},
		{"relative-json-pointer", []string{"0", "10#"}, []string{"00", "#", "1 ", "0a"}},
		{"uri-template", []string{"{a}{b}", "{=a}", "\u00e9{é}"[:2]}, []string{"}", "{a", "{a:}", "{a:1*}", "{*}", "{.}", "{%4}", "%4", "{a b}", "{{a}}", "\ufffe", "{é}"}},
	}
	for _, tt := range tests {
		check := Lookup(tt.format)
		for _, text := range tt.yes {
			if !check([]byte(text)) {
				t.Errorf("%.70q is no %s", text, tt.format)
			}
		}
		for _, text := range tt.no {
			if check([]byte(text)) {
				t.Errorf("%.70q is %s", text, tt.format)
			}
		}
	}
}

func FuzzFormatsHoldWhatTheyPromise(f *testing.F) {
	for name, text := range samples {
		f.Add(name, text)
	}
	f.Add("uri", "a://[::1]:1/%41?#")
	f.Add("hostname", "xn--zca29lwxobi7a")
	f.Fuzz(func(t *testing.T, name, text string) {
		text = strings.ToValidUTF8(text, "\ufffd")
		is := func(format string) bool { return Lookup(format)([]byte(text)) }
		for _, name := range Names() {
			is(name)
		}
		// A format within another one.
		for narrow, wide := range map[string]string{
			"uri": "uri-reference", "iri": "iri-reference", "email": "idn-email", "uri-reference": "iri-reference",
		} {
			if is(narrow) && !is(wide) {
				t.Errorf("%q is %s and not %s", text, narrow, wide)
			}
		}
		if date, time, found := strings.Cut(strings.ToUpper(text), "T"); found && utf8.ValidString(text) {
			want := Lookup("date")([]byte(date)) && Lookup("time")([]byte(time))
			if is("date-time") != want {
				t.Errorf("%q: date-time is not date and time", text)
			}
		}
	})
}
