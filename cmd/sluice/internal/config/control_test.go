package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/cmd/sluice/internal/config"
)

func TestTheControlSection(t *testing.T) {
	const file = "control:\n  listen: 10.0.0.1:80\n  hosts: [sluice.example, other.example]\n  ready: {max_depth: 4000, max_age: 1m}\n"
	l := load(t, file, nil)
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	c := l.Control
	if c.Listen != "10.0.0.1:80" || !slices.Equal(c.Hosts, []string{"sluice.example", "other.example"}) ||
		c.Ready.MaxDepth != 4000 || time.Duration(c.Ready.MaxAge) != time.Minute {
		t.Errorf("the section is %+v", c)
	}
}

func TestWhereTheControlAPIListens(t *testing.T) {
	for name, tt := range map[string]struct {
		file    string
		environ string
		args    []string
		address string
		chosen  bool
	}{
		"nothing is said":               {"", "", nil, "127.0.0.1:7420", false},
		"the file says it":              {"control: {listen: \"localhost:1\"}\n", "", nil, "localhost:1", true},
		"the environment beats it":      {"control: {listen: \"localhost:1\"}\n", ":2", nil, ":2", true},
		"the flag beats both":           {"control: {listen: \"localhost:1\"}\n", ":2", []string{"--listen", "[::1]:3"}, "[::1]:3", true},
		"the file asks for none":        {"control: {listen: off}\n", "", nil, "", true},
		"the flag asks for none":        {"", ":2", []string{"--listen=off"}, "", true},
		"the default, but it was asked": {"", "127.0.0.1:7420", nil, "127.0.0.1:7420", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, tt.file, map[string]string{"SLUICE_LISTEN": tt.environ}, tt.args...)
			if err := l.Err(); err != nil {
				t.Fatal(err)
			}
			if address, chosen := l.Control.Address(); address != tt.address || chosen != tt.chosen {
				t.Errorf("it listens on %q, chosen %v", address, chosen)
			}
		})
	}
}

func TestTheTokenComesFromTheEnvironmentOrAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("\n from-file \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		environ map[string]string
		args    []string
		want    string
	}{
		"nobody gives one":             {nil, nil, ""},
		"the environment":              {map[string]string{"SLUICE_TOKEN": "from-env"}, nil, "from-env"},
		"a file":                       {nil, []string{"--token-file", path}, "from-file"},
		"a file, by variable":          {map[string]string{"SLUICE_TOKEN_FILE": path}, nil, "from-file"},
		"the environment beats a file": {map[string]string{"SLUICE_TOKEN": "from-env"}, []string{"--token-file", path}, "from-env"},
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, "", tt.environ, tt.args...)
			if err := l.Err(); err != nil || l.Token != tt.want || len(l.Warnings) > 0 {
				t.Errorf("the token is %q, want %q (%v, %v)", l.Token, tt.want, err, l.Warnings)
			}
		})
	}
}

func TestATokenFileIsRelativeToTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"sluice.yaml": "control: {token_file: token}\n", "token": "hush"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := config.Load(config.Input{File: filepath.Join(dir, "sluice.yaml")})
	if err := l.Err(); err != nil || l.Token != "hush" {
		t.Errorf("the token is %q, %v", l.Token, err)
	}
}

func TestATokenIsNeverShown(t *testing.T) {
	for name, file := range map[string]string{
		"in a block": "control:\n  token: hunter2\n",
		"in a flow":  "control: {listen: off, token: \"hunter2\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			err := load(t, file, nil).Err()
			if err == nil || !strings.Contains(err.Error(), "control.token: unknown key") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error is %v", err)
			}
		})
	}
	err := load(t, "", map[string]string{"SLUICE_TOKEN": "hunter2\x01"}).Err()
	if err == nil || !strings.Contains(err.Error(), "SLUICE_TOKEN") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error is %v", err)
	}
}
