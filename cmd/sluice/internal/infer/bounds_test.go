package infer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomValue makes JSON with few keys and values, so that much is alike.
func randomValue(random *rand.Rand, depth int) string {
	n := 9
	if depth == 0 {
		n = 7
	}
	switch random.IntN(n) {
	case 0:
		return "null"
	case 1:
		return []string{"true", "false"}[random.IntN(2)]
	case 2:
		return fmt.Sprint(random.IntN(20) - 10)
	case 3:
		return []string{"1.5", "-0.25", "1e3", "0.1e-9", "1e400", "9007199254740993", "-1E+2"}[random.IntN(7)]
	case 4:
		return []string{`"2026-03-01T12:00:00Z"`, `"2026-03-01"`, `"10.0.0.1"`, `"a@b.example"`, `"https://a.example/"`}[random.IntN(5)]
	case 5, 6:
		return []string{`"a"`, `"b"`, `"\u0061"`, `"\ud800"`, `""`, `"long enough to be cut somewhere, if anything were, but nothing is, as it happens"`}[random.IntN(6)]
	case 7:
		var items []string
		for range random.IntN(4) {
			items = append(items, randomValue(random, depth-1))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	return randomObject(random, depth-1, 4)
}

func randomObject(random *rand.Rand, depth, keys int) string {
	var members []string
	for range random.IntN(keys) {
		members = append(members, fmt.Sprintf(`"k%d":%s`, random.IntN(keys), randomValue(random, max(depth, 0))))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func TestWhatIsInferredAcceptsEveryRecordItSaw(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 7))
		keys := []int{3, 6, 60, 700}[seed%4]
		lines := repeat(1+random.IntN(60), func(int) string { return randomObject(random, 4, keys) })
		in := New()
		in.maxShapes = []int{maxShapes, 5, 40, 200}[seed/4%4]
		for _, line := range lines {
			if err := in.Add([]byte(line)); err != nil {
				t.Fatal(err)
			}
			if in.shapes > in.maxShapes+10 {
				t.Fatalf("seed %d: %d shapes, want at most about %d", seed, in.shapes, in.maxShapes)
			}
		}
		schema := in.Schema(Options{Ranges: seed%2 == 0})
		if n, why := refused(t, checker(t, schema), lines); n > 0 {
			t.Fatalf("seed %d: %d of %d refused: %v\n%s\n%s", seed, n, len(lines), why, strings.Join(lines, "\n"), schema)
		}
	}
}

func TestWhatIsMergedAtTheEndAcceptsEveryRecordToo(t *testing.T) {
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 11))
		lines := repeat(30, func(i int) string {
			return fmt.Sprintf(`{"by":{"u%d":%s,"v%d":%s}}`, i, randomObject(random, 3, 4), i, randomValue(random, 3))
		})
		in := New()
		in.maxShapes = []int{maxShapes, 70, 100, 150}[seed%4]
		for _, line := range lines {
			if err := in.Add([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		schema := in.Schema(Options{Ranges: true})
		if !strings.Contains(string(schema), "additionalProperties") && seed%4 == 0 {
			t.Fatalf("seed %d: the object is no map", seed)
		}
		if n, why := refused(t, checker(t, schema), lines); n > 0 {
			t.Fatalf("seed %d: %d of %d refused: %v\n%s\n%s", seed, n, len(lines), why, strings.Join(lines, "\n"), schema)
		}
	}
}

func TestWhatThereWasNoRoomForIsAccepted(t *testing.T) {
	maps := append([]string{`{"by":{"k0":{"x":1}}}`}, repeat(30, func(i int) string { return fmt.Sprintf(`{"by":{"k%d":{}}}`, i+1) })...)
	for name, late := range map[string]string{
		"a key of a value of a map": `{"by":{"k1":{"x":"text"}}}`,
		"a key of a map":            `{"by":{"late":"text"}}`,
		"a key of the record":       `{"late":"text"}`,
	} {
		t.Run(name, func(t *testing.T) {
			in := New()
			in.maxShapes = 2 + 31 + 1 // the root, the map, its values and x
			lines := append(maps, `{"full":1}`, late, late)
			for _, line := range lines {
				if err := in.Add([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
			if !in.full {
				t.Fatal("there is room")
			}
			if n, why := refused(t, checker(t, in.Schema(Options{})), lines); n > 0 {
				t.Errorf("%d refused: %v", n, why)
			}
		})
	}
}

func TestMemoryIsBoundedWhateverComes(t *testing.T) {
	tests := map[string]func(i int) string{
		"new keys for ever":           func(i int) string { return fmt.Sprintf(`{"k%d":1}`, i) },
		"new keys in new keys":        func(i int) string { return fmt.Sprintf(`{"k%d":{"l%d":{"m%d":1}}}`, i%400, i/400%400, i) },
		"new keys in arrays":          func(i int) string { return fmt.Sprintf(`{"a":[{"k%d":[{"l%d":1}]}]}`, i%400, i) },
		"new values":                  func(i int) string { return fmt.Sprintf(`{"a":"v%d"}`, i) },
		"long keys":                   func(i int) string { return fmt.Sprintf(`{"%s%d":1}`, strings.Repeat("k", 1000), i) },
		"wide objects that are alike": func(int) string { return membersOf(400) },
	}
	for name, line := range tests {
		t.Run(name, func(t *testing.T) {
			n := 30_000
			if len(line(0)) > 3000 {
				n = 300
			}
			lines := repeat(n, line)
			in := inferred(t, lines...)
			if in.shapes > maxShapes+1 {
				t.Errorf("%d shapes, want at most %d", in.shapes, maxShapes)
			}
			if len(in.Schema(Options{})) > 10<<20 {
				t.Error("a schema beyond 10 MiB")
			}
			if n, why := refused(t, checker(t, in.Schema(Options{})), lines[:min(len(lines), 500)]); n > 0 {
				t.Errorf("%d refused: %v", n, why)
			}
		})
	}
}

func membersOf(n int) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf(`"k%d":%d`, i, i))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// FuzzInfer holds that no bytes make it panic, and that the schema accepts every
// line that was taken.
func FuzzInfer(f *testing.F) {
	f.Add("{\"a\":1}\n{\"a\":[{\"b\":\"2026-03-01\"}]}\n")
	f.Add("{\"\\ud800\":{\"\":null},\"x\":1e400}\nno\n[1]\n{}")
	f.Add("{\"a\":\"\\u0061\"}\n{\"a\":\"a\",\"a\":2}\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		var lines []string
		in := New()
		if len(text)%2 == 1 {
			in.maxShapes = 4
		}
		for line := range strings.SplitSeq(text, "\n") {
			if in.Add([]byte(line)) == nil {
				lines = append(lines, line)
			}
		}
		in.Config(ConfigOptions{Schema: "a.json", Table: "a", Sink: "sqlite://a.db"})
		schema := in.Schema(Options{Ranges: true})
		if n, why := refused(t, checker(t, schema), lines); n > 0 {
			t.Errorf("%d refused: %v\n%s\n%s", n, why, text, schema)
		}
	})
}
