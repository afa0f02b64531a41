package pipeline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// scanned returns the root of a text that must be valid.
func scanned(t testing.TB, text string) Value {
	t.Helper()
	nodes, err := Scan(nil, []byte(text), DefaultMaxDepth)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return NewValue([]byte(text), nodes)
}

func TestInt64IsExactHoweverSpelled(t *testing.T) {
	for _, test := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"-0.0e9", 0, true}, {"1", 1, true}, {"1.0", 1, true}, {"1e2", 100, true}, {"1.5E+1", 15, true},
		{"-12.50e1", -125, true}, {"100e-2", 1, true}, {"120.00", 120, true}, {"0.05e2", 5, true}, {"0.0", 0, true}, {"0e-400", 0, true},
		{"9223372036854775807", math.MaxInt64, true}, {"-9223372036854775808", math.MinInt64, true},
		{"9223372036854775807.000", math.MaxInt64, true}, {"-9.223372036854775808e18", math.MinInt64, true},
		{"9223372036854775808", 0, false}, {"-9223372036854775809", 0, false}, {"99999999999999999999", 0, false}, {"18446744073709551617", 0, false},
		{"9223372036854775808.0", 0, false}, {"9007199254740993.5", 0, false}, {"9007199254740993", 9007199254740993, true},
		{"1.5", 0, false}, {"1e-1", 0, false}, {"1e19", 0, false}, {"1e18", 1e18, true}, {"1e400", 0, false}, {"1e-400", 0, false},
		{"1e999999999999999999999", 0, false}, {"1e-99999999999999999999", 0, false}, {"0e999999999999999999999", 0, true},
		{"1" + strings.Repeat("0", 400) + "e-400", 1, true}, {"0." + strings.Repeat("0", 399) + "1e400", 1, true},
		{`"1"`, 0, false}, {"null", 0, false},
	} {
		if got, ok := scanned(t, test.text).Int64(); got != test.want || ok != test.ok {
			t.Errorf("%.40s: %d, %v; expected %d, %v", test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestFloat64IsTheNearest(t *testing.T) {
	for _, test := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"284.2", 284.2, true}, {"-0.1e-7", -0.1e-7, true}, {"1e308", 1e308, true}, {"1e400", 0, false}, {"-1e400", 0, false}, {"1e-400", 0, true},
		{"9007199254740993", 9007199254740992, true}, {`"1"`, 0, false}, {"true", 0, false},
	} {
		if got, ok := scanned(t, test.text).Float64(); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: %v, %v; expected %v, %v", test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestFloat64IsWhatStrconvReads(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		text := strconv.FormatUint(random.Uint64()>>random.IntN(64), 10)
		if point := random.IntN(len(text) + 1); point == 0 {
			text = "0." + text
		} else if point < len(text) {
			text = text[:point] + "." + text[point:]
		}
		if random.IntN(2) == 0 {
			text = "-" + text
		}
		want, _ := strconv.ParseFloat(text, 64)
		if got, ok := scanned(t, text).Float64(); !ok || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s is %v, %v; expected %v", text, got, ok, want)
		}
	}
}

func TestTextUnescapes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`"plain"`, "plain"},
		{`""`, ""},
		{`"a\"\\\/\b\f\n\r\t\u0041"`, "a\"\\/\b\f\n\r\tA"},
		{`"\u00e9\u20ac"`, "é€"},
		{`"\ud83d\ude00"`, "😀"},
		{`"\ud83d"`, "\ufffd"},
		{`"\ud83dx"`, "\ufffdx"},
		{`"\ud83d\u0041"`, "\ufffdA"},
		{`"\ud83d\ud83d\ude00"`, "\ufffd😀"},
		{`"\ude00\ud83d"`, "\ufffd\ufffd"},
		{`"é\n"`, "é\n"},
		{`-1.50e3`, "-1.50e3"},
		{`{"a":[ ]}`, `{"a":[ ]}`},
	} {
		v := scanned(t, test.text)
		if got := string(v.Text(make([]byte, 3, 9))); got != test.want {
			t.Errorf("%s: Text %q; expected %q", test.text, got, test.want)
		}
		if got := string(v.AppendText([]byte("x"))); got != "x"+test.want {
			t.Errorf("%s: AppendText %q; expected %q", test.text, got, "x"+test.want)
		}
		if got := v.EqualText(test.want); got != (v.Kind() == KindString) {
			t.Errorf("%s: EqualText(%q) is %v", test.text, test.want, got)
		}
		if v.EqualText(test.want+"x") || v.EqualText("x"+test.want) || test.want != "" && v.EqualText(test.want[1:]) {
			t.Errorf("%s: equals another text", test.text)
		}
	}
}

func TestMembersAndElements(t *testing.T) {
	v := scanned(t, `{"a":1,"list":[10,[20],30],"a":{"b":"last"},"\u0063":3,"empty":{},"":0}`)
	for _, test := range []struct {
		name string
		got  Value
		want string
	}{
		{"the last of two members", v.Member("a"), `{"b":"last"}`},
		{"a member of a member", v.Member("a").Member("b"), `"last"`},
		{"a member under an escaped key", v.Member("c"), `3`},
		{"a member under an empty key", v.Member(""), `0`},
		{"a missing member", v.Member("b"), ``},
		{"a member of a missing member", v.Member("x").Member("b"), ``},
		{"a member of an array", v.Member("list").Member("a"), ``},
		{"the first element", v.Member("list").Element(0), `10`},
		{"the element behind an array", v.Member("list").Element(2), `30`},
		{"an element past the end", v.Member("list").Element(3), ``},
		{"a negative element", v.Member("list").Element(-1), ``},
		{"an element of an object", v.Element(0), ``},
		{"a member of an empty object", v.Member("empty").Member("a"), ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			if string(test.got.JSON()) != test.want || test.got.Exists() != (test.want != "") {
				t.Errorf("%s; expected %s", test.got.JSON(), test.want)
			}
		})
	}
	var keys []string
	for child := range v.Children() {
		keys = append(keys, child.Key())
	}
	if got := strings.Join(keys, " "); got != "a list a c empty " || v.Len() != 6 || v.Member("list").Len() != 3 || v.Member("c").Len() != 0 {
		t.Errorf("keys %q, %d members", got, v.Len())
	}
}

func TestTheZeroValueIsMissing(t *testing.T) {
	var v Value
	_, isBool := v.Bool()
	_, isInt := v.Int64()
	_, isFloat := v.Float64()
	if v.Exists() || isBool || isInt || isFloat || v.Len() != 0 || v.JSON() != nil || len(v.Text(nil)) != 0 || v.EqualText("") || v.Key() != "" {
		t.Error("the zero Value is something")
	}
}

func TestReadingAValueDoesNotAllocate(t *testing.T) {
	v := scanned(t, `{"s":"x\u00e9y","plain":"text","n":12.5,"i":1.0e3,"b":true,"\u006b":[1,2,3]}`)
	buf := make([]byte, 0, 64)
	sum := 0
	if n := testing.AllocsPerRun(100, func() {
		buf = v.Member("s").AppendText(buf[:0])
		sum += len(v.Member("s").Text(buf)) + len(v.Member("plain").Text(nil))
		f, _ := v.Member("n").Float64()
		i, _ := v.Member("i").Int64()
		sum += int(f) + int(i)
		for child := range v.Member("k").Children() {
			sum += len(child.JSON())
		}
		for child := range v.Children() {
			if child.EqualText("text") {
				sum += len(child.Key())
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzInt64 spells a whole number in another way and reads it back.
func FuzzInt64(f *testing.F) {
	f.Add(int64(-1250), uint8(1), uint8(3))
	f.Add(int64(math.MinInt64), uint8(0), uint8(19))
	f.Fuzz(func(t *testing.T, n int64, zeros, point uint8) {
		sign, digits := "", strconv.FormatInt(n, 10)
		if n < 0 {
			sign, digits = "-", digits[1:]
		}
		digits += strings.Repeat("0", int(zeros))
		digits = strings.Repeat("0", max(0, int(point)-len(digits))) + digits
		whole, fraction := digits[:len(digits)-int(point)], digits[len(digits)-int(point):]
		if whole = strings.TrimLeft(whole, "0"); whole == "" {
			whole = "0"
		}
		text := fmt.Sprintf("%s%s.%s0e%d", sign, whole, fraction, int(point)-int(zeros))
		if got, ok := scanned(t, text).Int64(); !ok || got != n {
			t.Fatalf("%s: %d, %v; expected %d", text, got, ok, n)
		}
	})
}
