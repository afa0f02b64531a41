package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestASelectionOfLettersNamesWhatThereIs(t *testing.T) {
	buried(t)
	alter(t, "out.db", "UPDATE dead_letters SET stage = 'mine', code = 'my_code' WHERE code = 'invalid_utf8'")
	s := serve(t, nil, nil, "serve", "-c", "mended.yaml")
	for _, c := range []struct {
		name  string
		flags []string // of dead, which are the API's parameters
		count int      // of the letters, -1 for a refusal
		says  string
	}{
		{"a code that is misspelt", []string{"--code", "shcema"}, -1, `no code is called "shcema", and no dead letter has it; did you mean schema? expected one of attempts, column_type, `},
		{"a stage that is misspelt", []string{"--stage", "persits"}, -1, `did you mean persist? expected one of enrich, ingest, mine, persist, validate`},
		{"nothing near", []string{"--stage", "z"}, -1, `no stage is called "z", and no dead letter has it; expected one of `},
		{"one of two", []string{"--code", "schema,shcema"}, -1, `"shcema"`},
		{"a code that no letter has", []string{"--code", "too_old"}, 0, ""},
		{"a code that was dropped", []string{"--code", "dropped_rate"}, 0, ""},
		{"a code of somebody's own stage", []string{"--code", "my_code"}, 1, ""},
		{"a stage of somebody's own", []string{"--stage", "mine"}, 1, ""},
		{"a list with commas", []string{"--code", "my_code,schema"}, 3, ""},
		{"a flag that is repeated", []string{"--code", "my_code", "--code", "schema"}, 3, ""},
		{"a list with a hole", []string{"--code", "schema,"}, -1, "several with commas between them"},
	} {
		t.Run(c.name, func(t *testing.T) {
			query := url.Values{}
			for i := 0; i < len(c.flags); i += 2 {
				query.Add(strings.TrimPrefix(c.flags[i], "--"), c.flags[i+1])
			}
			want := http.StatusOK
			if c.count < 0 {
				want = http.StatusBadRequest
			}
			if code, body := s.send("GET", "/v1/dead-letters/stats?"+query.Encode(), ""); code != want {
				t.Errorf("the API answers %d %s", code, body)
			}
			for _, verb := range []string{"list", "stats", "export", "purge", "replay"} {
				if c.count >= 0 && (verb == "purge" || verb == "replay") {
					continue // it would take them out
				}
				r := sluice(t, "", slices.Concat([]string{"dead", verb, "-c", "mended.yaml"}, c.flags)...)
				switch {
				case c.count < 0 && (r.code != exitUsage || !strings.Contains(fmt.Sprint(r.err), c.says)):
					t.Errorf("dead %s: exit %d: %v", verb, r.code, r.err)
				case c.count >= 0 && r.code != exitDone:
					t.Errorf("dead %s: exit %d: %v", verb, r.code, r.err)
				case c.count >= 0 && verb == "export" && strings.Count(r.stdout, "\n") != c.count:
					t.Errorf("%d letters, expected %d", strings.Count(r.stdout, "\n"), c.count)
				}
			}
		})
	}
	s.end(syscall.SIGTERM)
}
