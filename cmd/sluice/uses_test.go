package main

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// contents returns the files of the working directory, folders aside, by name.
func contents(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := os.ReadFile(e.Name())
		if err != nil && !os.IsNotExist(err) { // a link may lead to nothing
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

const usesConfig = `
validate: {schema: schema.json}
enrich: {steps: [{lookup: {table: names.csv, field: n, key: n, add: {name: name}}}]}
`

func inUses(t *testing.T) {
	t.Helper()
	inTemp(t, map[string]string{
		"in": "{\"n\":1}\n{\"n\":2}\n", "in.db": "", "schema.json": "{}", "names.csv": "n,name\n1,one\n", "full.yaml": usesConfig,
	})
	for link, target := range map[string]string{"link": "in", "later": "new.ndjson"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link("in", "hard"); err != nil {
		t.Fatal(err)
	}
}

func TestAFileIsOneThingOnly(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		want string
	}{
		"the rows into the input":            {"run --sink ndjson://in in", "in is both an input and the file of the rows"},
		"the rows over the input":            {"run --sink ndjson://in?mode=truncate in", "in is both an input and the file of the rows"},
		"by another spelling":                {"run --sink ndjson://./in ../" + "DIR/in", "the same file: an input and the file of the rows"},
		"through a link":                     {"run --sink ndjson://link in", "in and link are the same file: an input and the file of the rows"},
		"through a hard link":                {"run --sink ndjson://hard in", "are the same file"},
		"one of many inputs":                 {"run --sink ndjson://in in.db in", "an input and the file of the rows"},
		"dead letters into the input":        {"run --dead-letters in in", "in is both an input and the file of the dead letters"},
		"a database over the input":          {"run --sink sqlite://in.db in.db", "an input and the database of the rows"},
		"the log of the database":            {"run --sink sqlite://r.db --report r.db-wal in", "the report and a file that SQLite keeps"},
		"the report over the input":          {"run --report in in", "in is both an input and the report"},
		"the report of a dry run":            {"run --dry-run --report in in", "an input and the report"},
		"the report over a new database":     {"run --sink sqlite://r.db --report r.db in", "the report and the database of the rows"},
		"the report over the default":        {"run --report sluice.db in", "the report and the database of the rows"},
		"the report over the progress":       {"run --sink ndjson://o --report o.progress.json in", "the report and the progress of the rows"},
		"the report over the configuration":  {"run -c full.yaml --report full.yaml in", "the configuration and the report"},
		"the report, and the sink is wrong":  {"run --sink nonsense --report in in", "an input and the report"},
		"dead letters by default":            {"run --sink ndjson://dead_letters.ndjson in", "the file of the rows and the file of the dead letters unless"},
		"dead letters of stdout":             {"run --sink stdout:// --report dead_letters.ndjson in", "the report and the file of the dead letters unless"},
		"a link to a file that is not there": {"run --sink ndjson://later --dead-letters new.ndjson in", "later and new.ndjson are the same file"},
		"the rows over the configuration":    {"check -c full.yaml --sink ndjson://full.yaml", "the configuration and the file of the rows"},
		"the rows over the schema":           {"check -c full.yaml --sink ndjson://schema.json", "the schema and the file of the rows"},
		"dead letters over a lookup table":   {"check -c full.yaml --dead-letters names.csv", "a lookup table and the file of the dead letters"},
		"serving into an input":              {"serve --sink ndjson://link in", "an input and the file of the rows"},
		"serving over the schema":            {"serve -c full.yaml --sink ndjson://schema.json", "the schema and the file of the rows"},
	} {
		t.Run(name, func(t *testing.T) {
			inUses(t)
			dir, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			before := contents(t)
			r := sluice(t, "", strings.Fields(strings.ReplaceAll(c.args, "../DIR", dir))...)
			if r.code != exitUsage || !strings.Contains(r.err.Error(), c.want) || !strings.Contains(r.err.Error(), "give one of them another file") {
				t.Errorf("exit %d, %v; expected %q", r.code, r.err, c.want)
			}
			if after := contents(t); !maps.Equal(before, after) {
				t.Errorf("touched: %v", slices.Sorted(maps.Keys(after)))
			}
		})
	}
}

func TestFilesThatMayBeSharedAre(t *testing.T) {
	for name, args := range map[string]string{
		"an input twice":                    "run --sink ndjson://o in hard",
		"a dry run of its own output":       "run --dry-run --sink ndjson://in in",
		"devices":                           "run --sink ndjson://o --report /dev/null /dev/null",
		"dead letters of two runs":          "run --sink ndjson://o --dead-letters d in",
		"a lookup table that is read twice": "run -c full.yaml --sink ndjson://o in names.csv",
	} {
		t.Run(name, func(t *testing.T) {
			inUses(t)
			if r := sluice(t, "", strings.Fields(args)...); r.code != exitDone {
				t.Errorf("exit %d, %v", r.code, r.err)
			}
		})
	}
}

func TestRedirectionsAreFilesToo(t *testing.T) {
	for name, c := range map[string]struct{ args, want string }{
		"stdin into the rows":      {"run --sink ndjson://in", "in is both the file of the rows and the input on stdin"},
		"stdin into stdout":        {"run --sink stdout://", "the input on stdin and the output on stdout"},
		"a file into stdout":       {"run --sink stdout:// in", "in is both an input and the output on stdout"},
		"a dry run into its input": {"run --dry-run --limit 0 in", "in is both an input and the output on stdout"},
	} {
		t.Run(name, func(t *testing.T) {
			inUses(t)
			before := contents(t)
			stdin, err := os.Open("in")
			if err != nil {
				t.Fatal(err)
			}
			defer stdin.Close()
			stdout, err := os.OpenFile("in", os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer stdout.Close()
			var stderr bytes.Buffer
			if got := code(t, start(t, stdin, stdout, &stderr, strings.Fields(c.args)...)); got != exitUsage || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("exit %d\n%s", got, stderr.String())
			}
			if after := contents(t); !maps.Equal(before, after) {
				t.Errorf("touched: %v", after)
			}
		})
	}
}
