package validate

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// suiteDir returns the folder of the official JSON-Schema-Test-Suite.
func suiteDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SLUICE_SUITES")
	if dir == "" {
		const how = "SLUICE_SUITES is not set; to run this test set it to a folder in which json-schema is a clone of github.com/json-schema-org/JSON-Schema-Test-Suite"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return filepath.Join(dir, "json-schema")
}

// suiteCase is a schema of the suite with its tests.
type suiteCase struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// differences are the tests of the suite in which the verdict is another, and
// why. One that is no longer another fails the test.
var differences = map[string]string{}

func TestVerdictsAreThoseOfTheOfficialSuite(t *testing.T) {
	dir := suiteDir(t)
	web := suiteRemotes(t, filepath.Join(dir, "remotes"))
	found := map[string]string{}
	eachSuiteCase(t, dir, func(name string, c suiteCase, draft *jsonschema.Draft) {
		maps.Copy(found, runCase(t, name, c, draft, web))
	})
	for name, got := range found {
		if _, known := differences[name]; !known {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name := range differences {
		if _, still := found[name]; !still {
			t.Errorf("%s: listed as different, and is not", name)
		}
	}
}

// eachSuiteCase calls f for each required case of the drafts that are served.
func eachSuiteCase(t testing.TB, dir string, f func(name string, c suiteCase, draft *jsonschema.Draft)) {
	t.Helper()
	for _, draft := range []struct {
		folder string
		draft  *jsonschema.Draft
	}{{"draft7", jsonschema.Draft7}, {"draft2020-12", jsonschema.Draft2020}} {
		files, err := filepath.Glob(filepath.Join(dir, "tests", draft.folder, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("there are no tests in %s", filepath.Join(dir, "tests", draft.folder))
		}
		for _, file := range files {
			for _, c := range readCases(t, file) {
				f(draft.folder+"/"+strings.TrimSuffix(filepath.Base(file), ".json")+": "+c.Description, c, draft.draft)
			}
		}
	}
}

// runCase returns the tests whose verdict is not the suite's.
func runCase(t *testing.T, name string, c suiteCase, draft *jsonschema.Draft, web map[string]any) map[string]string {
	t.Helper()
	found := map[string]string{}
	l, err := newLoader(filepath.Join(t.TempDir(), "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	l.web = web
	if err := os.WriteFile(l.given, c.Schema, 0o644); err != nil {
		t.Fatal(err)
	}
	compiler := l.compiler()
	compiler.DefaultDraft(draft)
	checker, err := l.compile(compiler, l.main)
	if err != nil {
		found[name] = "does not compile: " + err.Error()
		return found
	}
	for _, test := range c.Tests {
		f := checker.Check(index(t, test.Data))
		if (f == nil) != test.Valid {
			found[name+": "+test.Description] = "valid should be " + map[bool]string{true: "true", false: "false"}[test.Valid]
		}
	}
	return found
}

// index scans a JSON text.
func index(t testing.TB, text []byte) pipeline.Value {
	t.Helper()
	nodes, err := pipeline.Scan(nil, text, MaxDepthLimit)
	if err != nil {
		t.Fatalf("%s: %v", shorten(string(text), maxPointer), err)
	}
	return pipeline.NewValue(text, nodes)
}

func readCases(t testing.TB, file string) []suiteCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []suiteCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// suiteRemotes reads the documents that the suite's schemas refer to.
func suiteRemotes(t testing.TB, dir string) map[string]any {
	t.Helper()
	web := map[string]any{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		web["http://localhost:1234/"+path] = doc
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return web
}
