package main

import (
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	inTemp(t, map[string]string{"a.ndjson": "{}\n", "dir/b.ndjson": "{}\n"})
	for name, tt := range map[string]struct {
		args string
		want string
	}{
		"no command":                 {"", "there is no command"},
		"a command with a slip":      {"chekc", `unknown command "chekc"; did you mean check?`},
		"a file for a command":       {"a.ndjson", "did you mean sluice run a.ndjson?"},
		"a word that is nothing":     {"zzzzzz", "expected run, serve, ctl, dead, check, infer, bench, version, help"},
		"a flag with a slip":         {"run --reprot x", "unknown flag --reprot; did you mean --report?"},
		"a flag that is nothing":     {"run --zzzzzzzz", "unknown flag --zzzzzzzz"},
		"a short flag that is none":  {"run -x", "unknown flag -x"},
		"a flag without its value":   {"run --report", "flag needs an argument: --report"},
		"a value that does not fit":  {"run --budget much", `--budget: "much"; expected a size`},
		"a limit without a dry run":  {"run --limit 5", "--limit is for --dry-run"},
		"a negative limit":           {"run --dry-run --limit -1", "--limit -1; expected a number of records"},
		"a file that is not there":   {"run a.ndjson no.ndjson", "stat no.ndjson: no such file or directory"},
		"a directory":                {"run dir", "dir is a directory; expected files, such as dir/*.ndjson"},
		"stdin beside a file":        {"run - a.ndjson", "- (stdin) stands beside files"},
		"files for check":            {"check a.ndjson", `found "a.ndjson"; check takes no files`},
		"a configuration that is no": {"run -c no.yaml", "no.yaml: cannot read the configuration: no such file"},
		"help for no command":        {"help zzzzzz", `unknown command "zzzzzz"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := sluice(t, "", strings.Fields(tt.args)...)
			if r.code != exitUsage || !strings.Contains(r.err.Error(), tt.want) {
				t.Errorf("exit %d with %v, want 2 with %s", r.code, r.err, tt.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"help": "Commands:", "-h": "Commands:", "--help": "Commands:",
		"help run": "--from-start", "run -h": "--from-start", "run --help": "Exit codes:",
		"check -h": "Examples:", "version -h": "Prints the version",
		"version": "sluice ", "--version": "sluice ",
	} {
		t.Run(args, func(t *testing.T) {
			if r := sluice(t, "", strings.Fields(args)...); r.code != exitDone || !strings.Contains(r.stdout, want) {
				t.Errorf("no %q", want)
			}
		})
	}
}
