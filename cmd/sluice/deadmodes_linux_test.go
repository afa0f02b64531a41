package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// Whoever looks at dead letters need not be who writes them.
func TestDeadLettersThatMayOnlyBeReadAreShown(t *testing.T) {
	for name, modes := range map[string]map[string]os.FileMode{
		"a file":              {"data/out.db": 0o444},
		"a folder":            {"data": 0o555},
		"a file and a folder": {"data/out.db": 0o444, "data": 0o555},
	} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, nil)
			if err := os.Mkdir("data", 0o755); err != nil {
				t.Fatal(err)
			}
			sink := []string{"--sink", "sqlite://data/out.db"}
			if r := sluice(t, "nope\n{}\n", append([]string{"run"}, sink...)...); r.code != exitDone {
				t.Fatal(r.err)
			}
			for path, m := range modes {
				mode(t, path, m)
			}
			for _, verb := range [][]string{{"list"}, {"show", "1"}, {"stats"}, {"export"}} {
				var stdout, stderr bytes.Buffer
				cmd := startEnv(t, []string{obeysModes}, nil, &stdout, &stderr, append(append([]string{"dead"}, verb...), sink...)...)
				if got := code(t, cmd); got != exitDone || !strings.Contains(stdout.String(), "not_json") {
					t.Errorf("dead %s: exit %d\n%s%s", verb[0], got, &stdout, &stderr)
				}
			}
			var stderr bytes.Buffer
			if got := code(t, startEnv(t, []string{obeysModes}, nil, nil, &stderr, append([]string{"dead", "purge", "1"}, sink...)...)); got != exitFailed || !strings.Contains(stderr.String(), "cannot be written") {
				t.Errorf("purge: exit %d\n%s", got, &stderr)
			}
			if entries, err := os.ReadDir("data"); err != nil || len(entries) != 1 {
				t.Errorf("files were left: %v, %v", entries, err)
			}
		})
	}
}
