package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/cmd/sluice/internal/config"
)

func TestNamesToFollowOfTheFileAreRelativeToIt(t *testing.T) {
	l := load(t, "source: {follow: [app.log, ../logs/*.ndjson, /var/log/x.log]}\n", nil)
	dir := filepath.Dir(l.File)
	want := []string{filepath.Join(dir, "app.log"), filepath.Join(filepath.Dir(dir), "logs/*.ndjson"), "/var/log/x.log"}
	if err := l.Err(); err != nil || !slices.Equal(l.Source.Follow, want) {
		t.Errorf("got %q (%v), want %q", l.Source.Follow, err, want)
	}
}

func TestAFolderWithSignsOfPatternsIsNoPattern(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a[1]*?\b`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file, log := filepath.Join(dir, "sluice.yaml"), filepath.Join(dir, "app.log")
	for path, text := range map[string]string{file: "source: {follow: ['*.log']}\n", log: ""} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := config.Load(config.Input{File: file})
	if found, err := filepath.Glob(l.Source.Follow[0]); err != nil || !slices.Equal(found, []string{log}) {
		t.Errorf("%s matches %q (%v), want %s", l.Source.Follow[0], found, err, log)
	}
}

func TestTheVariableReplacesTheListOfTheFile(t *testing.T) {
	const file = "source: {follow: [app.log]}\n"
	l := load(t, file, map[string]string{"SLUICE_FOLLOW": "a.log, logs/*.ndjson"})
	if want := []string{"a.log", "logs/*.ndjson"}; l.Err() != nil || !slices.Equal(l.Source.Follow, want) {
		t.Errorf("got %q (%v), want %q, relative to the working directory", l.Source.Follow, l.Err(), want)
	}
	if l = load(t, file, map[string]string{"SLUICE_FOLLOW": ""}); len(l.Source.Follow) != 1 {
		t.Errorf("an empty variable left %q", l.Source.Follow)
	}
	err := load(t, file, map[string]string{"SLUICE_FOLLOW": "a.log,"}).Err()
	if want := `SLUICE_FOLLOW: source.follow: "a.log," has an empty entry`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
