package main

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with the file of that name in testdata.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant, as in %s,\n%s", got, path, want)
	}
}

func TestCheckPrintsTheLongestWaits(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	const laned = `
lanes: {critical: {capacity: 512}, low: {capacity: 1024, full: drop-oldest, max_wait: 2s}}
enrich: {workers: 4, lanes: {critical: {reserve: 1}}}
persist: {schedule: strict}
`
	for name, tt := range map[string]struct{ config, args, golden string }{
		"of the defaults": {"{}\n", "check", "check_defaults"},
		"of weighted and strict stages, with a reserve": {laned, "check --service 20us", "check_lanes"},
	} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, map[string]string{"sluice.yaml": tt.config})
			r := sluice(t, "", strings.Fields(tt.args)...)
			_, table, ok := strings.Cut(r.stdout, "\n\n")
			if r.code != exitDone || !ok {
				t.Fatalf("exit %d", r.code)
			}
			golden(t, home+"/testdata/"+tt.golden+".txt", table)
		})
	}
}

func TestCheckRefusesATimeThatIsNone(t *testing.T) {
	inTemp(t, nil)
	for args, want := range map[string]string{"--service 20": "a duration with its unit", "--service 0s": "expected more than 0"} {
		if r := sluice(t, "", append([]string{"check"}, strings.Fields(args)...)...); r.code != exitUsage || !strings.Contains(r.err.Error(), want) {
			t.Errorf("%s: exit %d with %v", args, r.code, r.err)
		}
	}
}

func TestAWaitIsRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 9_999: "9.999µs", 371_200_000: "371.2ms", 371_200_001: "371.3ms", 123_733_333: "123.8ms", 12_345_678_901: "12.35s", 72 * time.Minute: "1h12m0s",
	} {
		if got := roundUp(d).String(); got != want {
			t.Errorf("%d is shown as %s, want %s", d, got, want)
		}
	}
}
