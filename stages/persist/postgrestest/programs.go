package postgrestest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const howToGet = "no PostgreSQL here: apt-get install postgresql, or put the directory of initdb and postgres on the PATH"

// folders are where packages put the programs.
var folders = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"}

// Programs returns the directory of PostgreSQL's programs, or ends the test.
func Programs(tb testing.TB) string {
	tb.Helper()
	dir := programs()
	if dir == "" && os.Getenv("CI") == "true" {
		tb.Fatal(howToGet)
	}
	if dir == "" {
		tb.Skip(howToGet)
	}
	return dir
}

func programs() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil && has(filepath.Dir(resolved), "postgres") {
			return filepath.Dir(resolved)
		}
	}
	var found []string
	for _, pattern := range folders {
		dirs, _ := filepath.Glob(pattern) // the patterns are right
		found = append(found, dirs...)
	}
	found = slices.DeleteFunc(found, func(dir string) bool { return !has(dir, "initdb") || !has(dir, "postgres") })
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

func has(dir, program string) bool {
	_, err := os.Stat(filepath.Join(dir, program))
	return err == nil
}

// version returns the first number in a path.
func version(path string) int {
	var digits strings.Builder
	for _, c := range path {
		if c >= '0' && c <= '9' {
			digits.WriteString(string(c))
		} else if digits.String() != "" {
			break
		}
	}
	n, _ := strconv.Atoi(digits.String()) // 0 when there is none
	return n
}
