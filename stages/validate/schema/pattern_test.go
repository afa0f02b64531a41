package schema

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// patterns have texts made of what stands in them matched both ways.
var patterns = []struct {
	expr string
	kind matchKind
}{
	{`^[0-9a-f]{8}-[0-9a-f]{4}$`, matchSteps},
	{`^/api/`, matchSteps},
	{`^[^/]+$`, matchSteps},
	{`^[^/]+/[^/]*`, matchSteps},
	{`^\d{2,4}-?\d$`, matchEngine},
	{`^\d{2,4}-\d?$`, matchSteps},
	{`^a*b?c{0,2}d`, matchSteps},
	{`^a*b?a`, matchEngine},
	{`^.{2,3}$`, matchSteps},
	{`^(?s:.)*$`, matchSteps},
	{`^é?a`, matchEngine},
	{`^[é-ü]+$`, matchEngine},
	{`^(get|put|post)$`, matchWords},
	{`^(a|b(c|d)?)[12]$`, matchWords},
	{`^$`, matchWords},
	{`^ab$`, matchWords},
	{`ab`, matchLiteral},
	{`é`, matchLiteral},
	{`ab$`, matchLiteral},
	{``, matchLiteral},
	{`a|b`, matchEngine},
	{`^a|b$`, matchEngine},
	{`^(?i)ab$`, matchEngine},
	{`(?i)ab`, matchEngine},
	{`^a+(b+)c+$`, matchSteps},
	{`^(ab)+$`, matchEngine},
	{`^(a+)+$`, matchEngine},
	{`^a{0}b`, matchSteps},
	{`^a\b`, matchEngine},
	{`a^`, matchEngine},
	{`^x_`, matchSteps},
	{`_id$`, matchLiteral},
}

func TestMatcherAgreesWithTheEngine(t *testing.T) {
	pieces := []string{"a", "b", "c", "d", "ab", "é", "ü", "😀", "/", "-", "0", "12345678", "f", "\n", "\x00", "_", "x_", "get", "put", "post", "api", "A", "_id", "1", "2"}
	random := rand.New(rand.NewPCG(1, 2))
	for _, p := range patterns {
		engine := regexp.MustCompile(p.expr)
		m := newMatcher(engine)
		if m.kind != p.kind {
			t.Errorf("%s is matched in way %d, want %d", p.expr, m.kind, p.kind)
		}
		for range 3000 {
			var text strings.Builder
			for range random.IntN(8) {
				text.WriteString(pieces[random.IntN(len(pieces))])
			}
			if got := m.match([]byte(text.String())); got != engine.MatchString(text.String()) {
				t.Fatalf("%s matches %q: %t", p.expr, text.String(), got)
			}
		}
	}
}

// FuzzMatcher compares the matchers of any patterns with the engine.
func FuzzMatcher(f *testing.F) {
	for _, p := range patterns {
		f.Add(p.expr, "ab-12/é")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		engine, err := regexp.Compile(expr)
		if err != nil {
			t.Skip()
		}
		// Texts of records are UTF-8.
		text = string([]rune(text))
		if got := newMatcher(engine).match([]byte(text)); got != engine.MatchString(text) {
			t.Fatalf("%s matches %q: %t", expr, text, got)
		}
	})
}
