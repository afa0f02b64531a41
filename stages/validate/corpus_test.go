package validate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
)

// corpusDir returns the folder of the corpora of real records.
func corpusDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SLUICE_CORPUS")
	if dir == "" {
		t.Skip("SLUICE_CORPUS is not set; to run this test set it to a folder that has github-webhooks/ with webhooks.ndjson.gz, webhooks.bundle.schema.json and webhooks.expected.tsv")
	}
	return dir
}

// readGzip returns the lines of a compressed file, blank ones left out.
func readGzip(t testing.TB, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	sc := bufio.NewScanner(zip)
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		if line := sc.Text(); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
	return lines
}

// eachWebhook calls f for each payload that has a schema, with the verdict of
// another implementation.
func eachWebhook(t testing.TB, f func(name string, checker *programChecker, payload pipeline.Value, valid bool)) {
	t.Helper()
	dir := filepath.Join(corpusDir(t), "github-webhooks")
	expected, err := os.ReadFile(filepath.Join(dir, "webhooks.expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(expected)), "\n")[1:]
	lines := readGzip(t, filepath.Join(dir, "webhooks.ndjson.gz"))
	if len(rows) != len(lines) {
		t.Fatalf("%d verdicts for %d payloads", len(rows), len(lines))
	}
	l, err := newLoader(filepath.Join(dir, "webhooks.bundle.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	compiler := l.compiler()
	for i, row := range rows {
		// line, event, example, definition, verdict
		columns := strings.Split(row, "\t")
		if columns[4] == "no-schema" {
			continue
		}
		checker, err := l.compile(compiler, l.main+"#/definitions/"+strings.ReplaceAll(columns[3], "/", "~1"))
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("line %d (%s, %s)", i+1, columns[1], columns[2])
		f(name, checker, index(t, []byte(lines[i])).Member("payload"), columns[4] == "valid")
	}
}

func TestVerdictsOnWebhooksAreThoseOfAnotherImplementation(t *testing.T) {
	checked := 0
	eachWebhook(t, func(name string, checker *programChecker, payload pipeline.Value, valid bool) {
		if f := checker.Check(payload); (f == nil) != valid {
			t.Errorf("%s: want valid %t, got %v", name, valid, f)
		}
		if fits := checker.program.Fits(payload); fits != valid {
			t.Errorf("%s: the program alone says %t, want %t", name, fits, valid)
		}
		if f := checker.Check(index(t, []byte(`{"payload": 1}`))); f == nil {
			t.Errorf("%s: its schema takes an object that is no payload", name)
		}
		checked++
	})
	t.Logf("%d payloads checked", checked)
}

func TestProgramAndReferenceAgreeOnMutatedWebhooks(t *testing.T) {
	n := uint64(0)
	eachWebhook(t, func(name string, checker *programChecker, payload pipeline.Value, _ bool) {
		n++
		random := rand.New(rand.NewPCG(2, n))
		a := agreement{name: name, checker: checker, words: []string{`"open"`, `"url"`, `"User"`, `"created"`}}
		for range 3 {
			a.check(t, a.mutateAt(random, payload.JSON(), 200+random.IntN(2000)))
		}
	})
}

func TestSampleFailsAsItsGeneratorSays(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "sample")
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected struct {
		Lines  int            `json:"lines"`
		ByCode map[string]int `json:"dead_by_code"`
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Schema: filepath.Join(dir, "event.schema.json")})
	if err != nil {
		t.Fatal(err)
	}
	lines := readGzip(t, filepath.Join(dir, "events.ndjson.gz"))
	if len(lines) != expected.Lines {
		t.Errorf("%d lines, want %d", len(lines), expected.Lines)
	}
	// Other stages find the rest.
	got := map[string]int{"too_long": expected.ByCode["too_long"], "column_type": expected.ByCode["column_type"]}
	for _, line := range lines {
		if err := process(t, s, line).Record(0).Err(); err != nil {
			got[string(err.Code)]++
		}
	}
	for code, n := range expected.ByCode {
		if got[code] != n {
			t.Errorf("%s: %d dead, want %d", code, got[code], n)
		}
	}
	if len(got) != len(expected.ByCode) {
		t.Errorf("codes %v, want %v", got, expected.ByCode)
	}
}
