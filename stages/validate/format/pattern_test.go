package format

import (
	"errors"
	"regexp/syntax"
	"strings"
	"testing"
	"unicode"
)

func TestPatternMeansWhatECMA262Says(t *testing.T) {
	const spaces = "\t\n\v\f\r \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
	tests := []struct {
		name, pattern string
		yes, no       []string
	}{
		{"a pattern matches anywhere", `b`, []string{"abc"}, []string{"ac"}},
		{"the dollar is the end, not the last line's", `^abc$`, []string{"abc"}, []string{"abc\n", "\nabc", "x\nabc"}},
		{"a dot is no line end", `^.$`, []string{"a", "é", "😀", "\t", "\u0085"}, []string{"\n", "\r", "\u2028", "\u2029", ""}},
		{"a dot with the flag s is any character", `^(?s:.)(?s-i:.)(?:.)$`, []string{"\n\ra"}, []string{"\n\n\n"}},
		{"the flag s ends with its group", `^(?s:(?-s:.).)$`, []string{"a\n"}, []string{"\na"}},
		{"the flag i ignores case", `^(?i:straße)x$`, []string{"STRAßEx", "straßex"}, []string{"straßeX"}},
		{"a digit is one of ASCII", `^\d\D$`, []string{"0a", "9\u09ea", "5é"}, []string{"00", "\u09eaa"}},
		{"a word character is one of ASCII", `^\w\W$`, []string{"_ ", "z-", "Aé"}, []string{"é ", "aa"}},
		{"a space is what ECMA-262 has as one", `^\s+$`, []string{spaces}, []string{"\u200b", "\u0085", "\u180e", ""}},
		{"no space is its complement", `^\S+$`, []string{"\x00\u0085\u200b\u180e😀"}, strings.Split(spaces, "")},
		{"sets stand in brackets", `^[\s\dx]+[^\s\d]$`, []string{"\ufeff1xé"}, []string{"1 ", "11"}},
		{"complements stand in brackets", `^[\D5][\W_][\S ]$`, []string{"5_ ", "é-x"}, []string{"4_ ", "5a ", "5_\t"}},
		{"a control character by its letter", `^\cC\cj$`, []string{"\x03\n"}, []string{`\cC\cj`}},
		{"characters by their numbers", `^\x41\u00e9\u{1F600}\uD83D\uDE00\0$`, []string{"Aé😀😀\x00"}, nil},
		{"characters by their letters", `^\t\n\v\f\r\/\-$`, []string{"\t\n\v\f\r/-"}, nil},
		{"backspace in brackets, a word's end outside", `^[\b]a\b`, []string{"\ba", "\ba-"}, []string{"\bab"}},
		{"inside of a word", `a\Bb`, []string{"ab"}, nil},
		{"a lone surrogate is in no text", `^(?:\ud800|[\ud800-\udfff]|a)$`, []string{"a"}, []string{"\ufffd", ""}},
		{"a range over the surrogates", `^[\u0000-\uFFFF][\uD000-\uDBFF]$`, []string{"é\uD001"}, []string{"😀\uD001"}},
		{"empty brackets match nothing", `^(?:[]|a)[^]$`, []string{"a\n", "a]"}, []string{"]a", ""}},
		{"a bracket closes at once", `^[]?a]$`, []string{"a]"}, []string{"]"}},
		{"a hyphen beside a set", `^[\w-.]+[a-\d][.-]$`, []string{"a-.5-", "x--."}, []string{"a!5-"}},
		{"a caret and a bracket in brackets", `^[a^\]\[]+$`, []string{"^a]["}, []string{"b"}},
		{"escaped punctuation", `^\@\_\"\ \#\%\&\,\:\;\<\=\>\!\'\~\x60$`, []string{"@_\" #%&,:;<=>!'~`"}, nil},
		{"braces and brackets that are no quantifier", `^{a}]{,2}x{1$`, []string{"{a}]{,2}x{1"}, nil},
		{"a named group", `^(?<year>\d{4})-(?<$m_1>\d\d)$`, []string{"2026-11"}, []string{"2026-1"}},
		{"quantifiers that are lazy", `^a*?b+?c??d{1,2}?$`, []string{"abbcdd", "bd"}, []string{"bddd"}},
		{"a quantifier by numbers", `^(?:a{2}b{1,}c{0}d{0,1})$`, []string{"aab", "aabbd"}, []string{"aabc", "ab"}},
		{"more repeats than RE2 has", `^(?:ab){1001,2500}$`, []string{strings.Repeat("ab", 1001), strings.Repeat("ab", 2500)},
			[]string{strings.Repeat("ab", 1000), strings.Repeat("ab", 2501)}},
		{"nested repeats beyond those of RE2", `^(?:[a-z]{1,63}\.){1,20}$`, []string{"a.", strings.Repeat(strings.Repeat("b", 63)+".", 20)},
			[]string{strings.Repeat("a.", 21), strings.Repeat("b", 64) + "."}},
		{"many at least", `^a{1500,}$`, []string{strings.Repeat("a", 1500), strings.Repeat("a", 4000)}, []string{strings.Repeat("a", 1499)}},
		{"an exact number of many", `^[^]{1200}$`, []string{strings.Repeat("\n", 1200)}, []string{strings.Repeat("a", 1201)}},
		{"a category", `^\p{Letter}\p{Lu}\p{digit}\p{General_Category=Nd}\p{gc=Punctuation}\P{L}$`, []string{"éÉ\u09ea5!5"}, []string{"éé551 "}},
		{"a script", `^\p{Script=Greek}\p{sc=Cyrl}\P{sc=Latin}$`, []string{"αд1"}, []string{"aд1", "αдa"}},
		{"a binary property", `^\p{Alphabetic}\p{White_Space}\p{Any}\p{ASCII}\p{ID_Start}\P{ASCII}$`, []string{"ⅷ\u0085\n~xé"}, []string{"1\u0085\n~xé"}},
		{"properties in brackets", `^[\p{Lowercase}\p{Nd}_]+[^\p{L}\P{ASCII}]$`, []string{"aª5_-"}, []string{"A-", "aa"}},
		{"alternatives, empty ones too", `^(?:a||b(?:|c))$`, []string{"", "a", "b", "bc"}, []string{"c"}},
		{"an assertion in a group may repeat", `^(?:^)*(a|())$`, []string{"a", ""}, []string{"b"}},
		{"a character of the supplementary planes", `^🐲*$`, []string{"", "🐲", "🐲🐲"}, []string{"🐉", "D"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			re, err := Pattern(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range tt.yes {
				if !re.MatchString(text) {
					t.Errorf("%s does not match %.60q; in RE2 it is %.200s", tt.pattern, text, re)
				}
			}
			for _, text := range tt.no {
				if re.MatchString(text) {
					t.Errorf("%s matches %.60q; in RE2 it is %.200s", tt.pattern, text, re)
				}
			}
			if !isRegex([]byte(tt.pattern)) {
				t.Error("it does not have the format regex")
			}
		})
	}
}

func TestPatternThatIsNoneSaysWhereAndWhy(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{`^(abc]`, "at character 2 is a parenthesis that is not closed"},
		{`é)`, "at character 2 is an unopened parenthesis"},
		{`a[b`, "at character 2 is a bracket that is not closed"},
		{`[b-`, "at character 1 is a bracket that is not closed"},
		{`[z-a]`, "at character 2 is a range of characters that is out of order"},
		{`a**`, "at character 3 is a quantifier with nothing to repeat"},
		{`+a`, "at character 1 is a quantifier with nothing to repeat"},
		{`a|{2}`, "at character 3 is a quantifier with nothing to repeat"},
		{`^*`, "at character 2 is a quantifier with nothing to repeat"},
		{`\b{2}`, "at character 3 is a quantifier with nothing to repeat"},
		{`(?<=a)+`, "at character 7 is a quantifier with nothing to repeat"},
		{`a{2,1}`, "at character 2 is a quantifier whose numbers are out of order"},
		{`\a`, "at character 2 is an escaped letter or digit that has no meaning"},
		{`\A`, "at character 2 is the escape \\A, which ECMA-262 does not have; write ^"},
		{`a\Z`, "write $"},
		{`\01`, "an octal escape"},
		{`[\1]`, "an escaped letter or digit that has no meaning"},
		{`a\`, "a backslash at the end"},
		{`[\`, "a backslash at the end"},
		{`\x4`, "\\x without two hexadecimal digits"},
		{`\u12g4`, "\\u without four hexadecimal digits"},
		{`\u{}`, "\\u{ without hexadecimal digits"},
		{`\u{110000}`, "beyond the last character"},
		{`\u{x}`, "other than hexadecimal digits"},
		{`\c1`, "\\c without a letter"},
		{`\p`, "\\p without a property"},
		{`\p{letter}`, "a Unicode property that ECMA-262 does not have"},
		{`[\p{Script=Elvish}]`, "a Unicode property that ECMA-262 does not have"},
		{`(?P<name>x)`, "(?P<name>; a named group is (?<name>"},
		{`(?i)abc`, "flags without a group; write (?i:...)"},
		{`(?ii:a)`, "flags without a group"},
		{`(?#c)a`, "a group of a kind that is not known"},
		{`(?-:a)`, "a group of a kind that is not known"},
		{`(?`, "a group of a kind that is not known"},
		{`(?<1a>x)`, "a character that no name of a group may have"},
		{`(?<>x)`, "a name of a group that is empty"},
		{`(?<a>x)(?<a>y)`, "a second group of the same name"},
		{`(a)\2`, "a backreference to a group that is not there"},
		{`\k<a>`, "a backreference to a name that no group has"},
		{`\k`, "\\k without a name"},
		{strings.Repeat("(", maxNesting+1), "groups nested too deep"},
	}
	for _, tt := range tests {
		_, err := Pattern(tt.pattern)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40s gives %v, want %s", tt.pattern, err, tt.want)
		}
		if errors.Is(err, ErrPattern) {
			t.Errorf("%.40s: %v is told as a correct expression", tt.pattern, err)
		}
		if isRegex([]byte(tt.pattern)) {
			t.Errorf("%.40s has the format regex", tt.pattern)
		}
	}
}

func TestPatternBeyondLinearTimeSaysWhatToDo(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{`^(?!x)`, `at character 2 is a lookahead, which cannot be matched in time linear in the text; write it as several patterns: "allOf"`},
		{`é(?=a(b|c))`, "at character 2 is a lookahead"},
		{`(?<=a+)b`, "at character 1 is a lookbehind"},
		{`(?<!a)b`, "at character 1 is a lookbehind"},
		{`(a)\1`, "at character 4 is a backreference, which cannot be matched in time linear in the text; write out"},
		{`\k<n>(?<n>a)`, "at character 1 is a backreference"},
		{`(?m:^a)`, "at character 1 is the flag m"},
		{`a\p{Emoji}`, "at character 2 is a Unicode property for which there is no table"},
		{`\p{scx=Grek}`, "at character 1 is a Unicode property"},
		{`(?:a{1000}){1000000000}`, "a quantifier that repeats too often"},
		{`((a{1000}){1000}){1000}`, "cannot be matched"},
	}
	for _, tt := range tests {
		_, err := Pattern(tt.pattern)
		if err == nil || !errors.Is(err, ErrPattern) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s gives %v, want %s", tt.pattern, err, tt.want)
		}
		if !isRegex([]byte(tt.pattern)) {
			t.Errorf("%s has not the format regex", tt.pattern)
		}
	}
}

func TestScriptsHaveTables(t *testing.T) {
	long := map[string]bool{}
	for short, name := range scriptNames {
		if unicode.Scripts[name] == nil {
			t.Errorf("%s: there is no script %s", short, name)
		}
		long[name] = true
	}
	for name := range unicode.Scripts {
		if !long[name] {
			t.Errorf("%s has no short name", name)
		}
	}
}

func FuzzPatternCompilesWhatTheGrammarTakes(f *testing.F) {
	for _, seed := range []string{`^(?<a>\d{2,3})[^\s\p{L}-]*?\u{1F600}$`, `(?i-s:a|[])\b{`, `\k<a>(?<a>)`, `[\b\cA-z]{1,2000}`, `(?=a)*(?<!b)`,
		`(((a{9}){9}){9}){9}`, `[^]{0,}\x41\uD83D\uDE00|\P{sc=Grek}`} {
		f.Add(seed, "aéA1")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		expr = strings.ToValidUTF8(expr, "\ufffd")
		re, err := Pattern(expr)
		if correct := err == nil || errors.Is(err, ErrPattern); correct != isRegex([]byte(expr)) {
			t.Fatalf("%q: Pattern gives %v, the format regex is %t", expr, err, !correct)
		}
		var malformed *syntax.Error
		switch {
		case errors.As(err, &malformed):
			t.Fatalf("%q is translated into what is no expression: %v", expr, err)
		case err == nil:
			re.MatchString(text)
			// A set and its complement are told apart by every character.
			if whole, err := Pattern("^(?:" + expr + ")$"); err == nil && whole.MatchString(text) && !re.MatchString(text) {
				t.Fatalf("%q matches all of %q and no part", expr, text)
			}
		}
	})
}
