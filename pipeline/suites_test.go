package pipeline

import (
	"os"
	"path/filepath"
	"testing"
)

// suite returns the folder of an official suite, or skips the test.
func suite(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("SLUICE_SUITES")
	if root == "" {
		const how = "SLUICE_SUITES is not set: clone nst/JSONTestSuite as json-parsing into a folder and name that folder with it"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return filepath.Join(root, name)
}
