package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"strings"
	"syscall"
	"testing"
)

// keyConfig is followConfig with a list of what is followed.
func keyConfig(list string) string {
	return strings.Replace(followConfig, "source: {", "source: {follow: "+list+", ", 1)
}

func TestRunFollowsWhatTheConfigurationLists(t *testing.T) {
	for name, args := range map[string]string{
		"without a flag":  "run -c etc/sluice.yaml",
		"with --follow":   "run -c etc/sluice.yaml --follow",
		"by the variable": "run",
	} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, map[string]string{"app.log": "{\"n\":0}\n"})
			config, out := keyConfig("[../app.log, ../*.late]"), "sqlite://../out.db"
			writeFile(t, "etc/sluice.yaml", strings.Replace(config, "sqlite://out.db", out, 1))
			writeFile(t, "sluice.yaml", keyConfig("[no/such/app.log]"))
			var environ []string
			if args == "run" {
				environ = []string{"SLUICE_FOLLOW=app.log, *.late"}
			}
			var stderr bytes.Buffer
			cmd := startEnv(t, environ, strings.NewReader("{\"n\":99}\n"), nil, &stderr, strings.Fields(args)...)
			untilRows(1)
			writeFile(t, "new.late", "{\"n\":1}\n")
			untilRows(2)
			(&writer{t: t, n: 2}).write(2)
			untilRows(4)
			endFollowing(t, cmd, &stderr)
			expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), max(n) FROM t", "4|4|3")
			if !strings.Contains(stderr.String(), "stdin is not read, because source.follow lists files") {
				t.Errorf("what is piped into it goes unsaid:\n%s", &stderr)
			}
		})
	}
}

func TestServeFollowsWhatTheConfigurationListsFromRunToRun(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": keyConfig("[app.log]"), "app.log": "{\"n\":0}\n"})
	s := serve(t, nil, nil, "serve")
	untilRows(1)
	s.command("POST", "/v1/stop", "")
	w := &writer{t: t, n: 1}
	w.write(2)
	s.command("POST", "/v1/start", "")
	untilRows(3)
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	expectEachOnce(t, 3)
}

func TestTheCommandLineTakesThePlaceOfTheList(t *testing.T) {
	for args, want := range map[string]string{
		"run other.log": "7",
		"run -":         "8",
	} {
		t.Run(args, func(t *testing.T) {
			inTemp(t, map[string]string{
				"sluice.yaml": keyConfig("[app.log, no/such/app.log]"), "app.log": "{\"n\":0}\n", "other.log": "{\"n\":7}\n",
			})
			if r := sluice(t, "{\"n\":8}\n", strings.Fields(args)...); r.code != exitDone {
				t.Fatalf("exit %d, %v", r.code, r.err)
			}
			expectRows(t, "out.db", "SELECT n FROM t", want)
		})
	}
	t.Run("run --follow other.log", func(t *testing.T) {
		inTemp(t, map[string]string{"sluice.yaml": keyConfig("[app.log, no/such/app.log]"), "app.log": "{\"n\":0}\n", "other.log": "{\"n\":7}\n"})
		var stderr bytes.Buffer
		cmd := start(t, nil, nil, &stderr, "run", "--follow", "other.log")
		untilRows(1)
		endFollowing(t, cmd, &stderr)
		expectRows(t, "out.db", "SELECT n FROM t", "7")
	})
}

func TestMistakesOfTheListAreToldByKey(t *testing.T) {
	for name, tt := range map[string]struct {
		list, more string // of the section source, and what follows it
		environ    string
		args, want string
	}{
		"an empty entry":                  {list: `[app.log, ""]`, want: `sluice.yaml:1:28: source.follow[1]: "": the name is empty`},
		"an entry without value":          {list: `[~]`, want: `source.follow[0]: "": the name is empty`},
		"a pattern without end":           {list: `["[a"]`, want: "sluice.yaml:1:19: source.follow[0]: [a: it is no pattern that can be matched"},
		"a directory":                     {list: `[dir]`, want: "sluice.yaml:1:19: source.follow[0]: dir: it is a directory"},
		"no directory":                    {list: `[no/app.log]`, want: "source.follow[0]: no/app.log: the directory must exist"},
		"text in place of a list":         {list: `app.log`, want: `sluice.yaml:1:18: source.follow: found the text "app.log"; expected a list`},
		"the file of the rows":            {list: `[app.log, out.log]`, more: "persist: {sink: ndjson://out.log}\n", want: "sluice.yaml:1:28: source.follow[1]: out.log is both an input and the file of the rows"},
		"rows that a pattern would match": {list: `["o*"]`, more: "persist: {sink: ndjson://out.log}\n", want: "source.follow[0]: out.log is both an input, by the pattern o* and the file of the rows"},
		"the dead letters":                {list: `[d.log]`, more: "dead_letters: d.log\n", want: "source.follow[0]: d.log is both an input and the file of the dead letters"},
		"a variable":                      {list: `[app.log]`, environ: "SLUICE_FOLLOW=app.log,dir", want: "\nSLUICE_FOLLOW: source.follow[1]: dir: it is a directory"},
		"an empty entry of a variable":    {list: `[app.log]`, environ: "SLUICE_FOLLOW=app.log,,x", want: `SLUICE_FOLLOW: source.follow: "app.log,,x" has an empty entry`},
		"two of them":                     {list: `[dir, "[a"]`, want: "the configuration has 2 mistakes"},
		"one beside others":               {list: `[dir]`, more: "enrich: {workers: 0}\n", want: "the configuration has 2 mistakes"},
		"the report":                      {list: `[app.log]`, args: "run --report app.log", want: "app.log is both an input and the report"},
		"a dry run":                       {list: `[app.log]`, args: "run --dry-run", want: "name files to look at, or - for stdin"},
		"stdin, to be followed":           {list: `[app.log]`, args: "run --follow -", want: "--follow needs files"},
		"a list without entries":          {list: `[]`, args: "run --follow", want: "--follow needs files"},
	} {
		all := []string{"run", "serve", "check"}
		if tt.args != "" {
			all = []string{tt.args}
		}
		for _, args := range all {
			t.Run(name+" in "+args, func(t *testing.T) {
				inTemp(t, map[string]string{"app.log": "{}\n", "dir/x": "", "sluice.yaml": "source: {follow: " + tt.list + "}\n" + tt.more})
				before := contents(t)
				r := sluiceEnv(t, "", append([]string{noControl}, strings.Fields(tt.environ)...), strings.Fields(args)...)
				if r.code != exitUsage || !strings.Contains(fmt.Sprint(r.err), tt.want) {
					t.Errorf("exit %d, %v\nwant %q", r.code, r.err, tt.want)
				}
				if after := contents(t); !maps.Equal(before, after) {
					t.Errorf("touched: %v", after)
				}
			})
		}
	}
}

func TestAPipeThatIsNotReadIsWarnedOf(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": keyConfig("[app.log]"), "app.log": "{\"n\":0}\n", "empty": ""})
	for name, want := range map[string]bool{"app.log": true, "empty": false, os.DevNull: false} {
		stdin, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := hasInput(stdin); got != want {
			t.Errorf("%s as stdin has input: %v", name, got)
		}
		stdin.Close()
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	if !hasInput(read) || hasInput(strings.NewReader("x")) {
		t.Error("a pipe has input, and what is no file is not asked")
	}
}

func TestCheckSaysWhatIsFollowedAndChangesNothing(t *testing.T) {
	inTemp(t, map[string]string{
		"sluice.yaml": keyConfig(`[app.log, late.log, "logs/*.ndjson", "none*", "logs/a*"]`), "app.log": "{}\n",
		"logs/a.ndjson": "", "logs/b.ndjson": "", "logs/c.ndjson": "", "logs/d.ndjson": "", "logs/e.ndjson": "",
	})
	before := contents(t)
	r := sluice(t, "", "check")
	const want = `
follow         app.log: 1 file
               late.log: not there yet; it is waited for
               logs/*.ndjson: 5 files: logs/a.ndjson, logs/b.ndjson, logs/c.ndjson and 2 more
               none*: no files yet; they are waited for
               logs/a*: 1 file: logs/a.ndjson
lanes `
	if r.code != exitDone || !strings.Contains(r.stdout, want) {
		t.Errorf("exit %d, not said:%s", r.code, want)
	}
	if after := contents(t); !maps.Equal(before, after) {
		t.Errorf("touched: %v", after)
	}
}
