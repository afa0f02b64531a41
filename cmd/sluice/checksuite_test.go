package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// suiteDifferences are the tests of the official suite, optional ones included,
// in which sluice check --schema has another verdict, and why. One that is no
// longer another fails the test.
var suiteDifferences = map[string]string{
	"draft7/optional/content: validation of string-encoded content based on media type: an invalid JSON document":                                      content,
	"draft7/optional/content: validation of binary string-encoding: an invalid base64 string (% is not a valid character)":                             content,
	"draft7/optional/content: validation of binary-encoded media type documents: a validly-encoded invalid JSON document":                              content,
	"draft7/optional/content: validation of binary-encoded media type documents: an invalid base64 string that is valid JSON":                          content,
	"draft2020-12/optional/format-assertion: schema that uses custom metaschema with format-assertion: false: format-assertion: false: invalid string": "a metaschema that does not require the assertion of formats does not turn it on; --format assert does",
}

const content = "contentEncoding and contentMediaType are annotations, as every later draft has them"

func TestCheckSchemaHasTheVerdictsOfTheOfficialSuite(t *testing.T) {
	suites := os.Getenv("SLUICE_SUITES")
	if suites == "" {
		const how = "SLUICE_SUITES is not set; to run this test set it to a folder in which json-schema is a clone of github.com/json-schema-org/JSON-Schema-Test-Suite"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := filepath.Join(suites, "json-schema")
	found := map[string]bool{}
	for folder, draft := range map[string]string{"draft7": "7", "draft2020-12": "2020-12"} {
		for kind, mode := range map[string]string{"": "annotate", "optional": "annotate", "optional/format": "assert"} {
			files, err := filepath.Glob(filepath.Join(dir, "tests", folder, kind, "*.json"))
			if err != nil || len(files) == 0 {
				t.Fatalf("there are no tests in %s/%s", folder, kind)
			}
			for _, file := range files {
				name := folder + "/" + filepath.Join(kind, strings.TrimSuffix(filepath.Base(file), ".json"))
				args := []string{"--draft", draft, "--format", mode, "--errors", "all", "--remotes", filepath.Join(dir, "remotes") + "=http://localhost:1234/"}
				for _, differing := range checkSuiteFile(t, name, file, args) {
					found[differing] = true
					if _, known := suiteDifferences[differing]; !known {
						t.Errorf("%s: another verdict", differing)
					}
				}
			}
		}
	}
	for name := range suiteDifferences {
		if !found[name] {
			t.Errorf("%s: listed as different, and is not", name)
		}
	}
}

// checkSuiteFile returns the tests of a file with another verdict.
func checkSuiteFile(t *testing.T, name, file string, args []string) (differing []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Description string
		Schema      json.RawMessage
		Tests       []struct {
			Description string
			Data        json.RawMessage
			Valid       bool
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		schema := filepath.Join(t.TempDir(), "schema.json")
		writeFile(t, schema, string(c.Schema))
		var lines bytes.Buffer
		for _, test := range c.Tests {
			if err := json.Compact(&lines, test.Data); err != nil {
				t.Fatal(err)
			}
			lines.WriteByte('\n')
		}
		var out, stderr bytes.Buffer
		err := run(t.Context(), append([]string{"check", "--schema", schema, "-"}, args...), &lines, &out, &stderr, nil)
		want := exitDone
		decoder := json.NewDecoder(&out)
		for i, test := range c.Tests {
			var verdict struct {
				Line   int
				Valid  bool
				Errors []struct{ Message string }
			}
			if decodeErr := decoder.Decode(&verdict); decodeErr != nil || verdict.Line != i+1 || verdict.Valid != test.Valid || verdict.Valid == (len(verdict.Errors) > 0) {
				differing = append(differing, name+": "+c.Description+": "+test.Description)
			}
			if !verdict.Valid {
				want = exitDead
			}
		}
		if exitCode(err) != want && len(differing) == 0 {
			t.Errorf("%s: %s: exit %d, want %d: %v", name, c.Description, exitCode(err), want, err)
		}
	}
	return differing
}
