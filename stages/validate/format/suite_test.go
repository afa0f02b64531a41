package format

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// suiteDir returns the folder of the official JSON-Schema-Test-Suite.
func suiteDir(t *testing.T) string {
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

// differences are the tests of the suite in which the verdict is another, and
// why. One that is no longer another fails the test.
var differences = map[string]string{}

func TestVerdictsOnFormatsAreThoseOfTheOfficialSuite(t *testing.T) {
	dir := suiteDir(t)
	found := map[string]bool{}
	seen := map[string]bool{}
	for _, draft := range []string{"draft7", "draft2020-12"} {
		files, err := filepath.Glob(filepath.Join(dir, "tests", draft, "optional", "format", "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("there are no tests of formats for %s", draft)
		}
		for _, file := range files {
			for _, name := range differing(t, draft, file, seen) {
				found[name] = true
				if _, known := differences[name]; !known {
					t.Errorf("%s: the verdict is another", name)
				}
			}
		}
	}
	for name := range differences {
		if !found[name] {
			t.Errorf("%s: listed as different, and is not", name)
		}
	}
	for _, name := range Names() {
		if !seen[name] {
			t.Errorf("the suite has no test of %s", name)
		}
	}
}

// differing returns the tests of a file whose verdict is another.
func differing(t *testing.T, draft, file string, seen map[string]bool) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var groups []struct {
		Description string
		Schema      struct{ Format string }
		Tests       []struct {
			Description string
			Data        any
			Valid       bool
		}
	}
	if err := json.Unmarshal(text, &groups); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, g := range groups {
		check := Lookup(g.Schema.Format)
		seen[g.Schema.Format] = true
		for _, test := range g.Tests {
			s, isString := test.Data.(string)
			valid := !isString || check == nil || check([]byte(s))
			if valid != test.Valid {
				base := strings.TrimSuffix(filepath.Base(file), ".json")
				names = append(names, draft+"/"+base+": "+g.Description+": "+test.Description)
			}
		}
	}
	return names
}
