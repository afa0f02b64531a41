package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

// load reads a configuration from the text of a file and from flags.
func load(t *testing.T, file string, environ map[string]string, args ...string) *config.Loaded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sluice.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var s config.Settings
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	s.Register(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return config.Load(config.Input{File: path, Environ: environ, Flags: s})
}

func TestLaterSourcesWinKeyByKey(t *testing.T) {
	const file = "budget: 100MiB\ndrain_timeout: 10s\npersist: {sink: sqlite:///file.db}\n"
	environ := map[string]string{"SLUICE_DRAIN_TIMEOUT": "20s", "SLUICE_SINK": "sqlite:///env.db"}
	l := load(t, file, environ, "--sink=sqlite:///flag.db")
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	if l.Source.MaxDepth != 128 {
		t.Errorf("max_depth is %d; the default 128 stands where nothing else is said", l.Source.MaxDepth)
	}
	if l.Budget != 100<<20 {
		t.Errorf("budget is %v; the file says 100MiB", l.Budget)
	}
	if time.Duration(l.DrainTimeout) != 20*time.Second {
		t.Errorf("drain_timeout is %v; the environment's 20s beats the file", l.DrainTimeout)
	}
	if l.Persistence.Sink != "sqlite:///flag.db" {
		t.Errorf("sink is %s; the flag beats the environment", l.Persistence.Sink)
	}
}

func TestFilesThatSayNothing(t *testing.T) {
	for name, text := range map[string]string{
		"an empty file":            "",
		"only comments":            "# nothing yet\n",
		"a document without body":  "---\n",
		"sections without content": "source:\npersist:\n  sink:\n",
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, text, nil)
			if err := l.Err(); err != nil {
				t.Fatal(err)
			}
			if l.Persistence.Sink != config.DefaultSink || l.Validation.Workers != pipeline.DefaultWorkers {
				t.Errorf("sink %s, workers %d; expected the defaults", l.Persistence.Sink, l.Validation.Workers)
			}
		})
	}
}

func TestNoFileAtAll(t *testing.T) {
	t.Chdir(t.TempDir())
	l := config.Load(config.Input{})
	if err := l.Err(); err != nil || l.File != "" {
		t.Fatalf("file %q, error %v; expected the defaults", l.File, err)
	}
	l = config.Load(config.Input{File: "missing.yaml"})
	if err := l.Err(); err == nil || !strings.Contains(err.Error(), "missing.yaml: cannot read the configuration: no such file") {
		t.Fatalf("a named file that is missing gave %v", err)
	}
}

func TestPathsOfTheFileAreRelativeToIt(t *testing.T) {
	const file = "validate: {schema: event.schema.json}\npersist: {sink: 'sqlite://events.db?x=1'}\ndead_letters: dead.ndjson\n"
	l := load(t, file, nil)
	dir := filepath.Dir(l.File)
	for got, want := range map[string]string{
		l.Validation.Schema: filepath.Join(dir, "event.schema.json"),
		l.DeadLetters:       filepath.Join(dir, "dead.ndjson"),
		l.Persistence.Sink:  "sqlite://" + filepath.Join(dir, "events.db") + "?x=1",
		l.Dir:               dir,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	l = load(t, file, map[string]string{"SLUICE_SINK": "sqlite://env.db"}, "--schema=flag.json")
	if l.Persistence.Sink != "sqlite://env.db" || l.Validation.Schema != "flag.json" {
		t.Errorf("sink %s, schema %s; those of the environment and of flags are relative to the working directory",
			l.Persistence.Sink, l.Validation.Schema)
	}
	if l = load(t, "budget: 64MiB\n", nil); l.Persistence.Sink != config.DefaultSink {
		t.Errorf("the default sink became %s; it is relative to the working directory", l.Persistence.Sink)
	}
}

func TestLanesOfAStageBeatThoseOfTheTopLevel(t *testing.T) {
	const file = `
lanes: {low: {capacity: 100, weight: 3}, high: {weight: 9}}
schedule: strict
enrich: {lanes: {low: {capacity: 50}}, schedule: weighted, workers: 7}
`
	l := load(t, file, nil)
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	stages := l.Pipeline().Stages
	low := func(i int) pipeline.LaneConfig { return stages[i].Lanes[pipeline.LaneLow] }
	if low(0).Capacity != 100 || low(1).Capacity != 50 || low(1).Weight != 3 {
		t.Errorf("low is %+v in validate and %+v in enrich", low(0), low(1))
	}
	if stages[1].Lanes[pipeline.LaneHigh].Weight != 9 || stages[1].Workers != 7 {
		t.Errorf("enrich is %+v", stages[1])
	}
	if stages[0].Schedule != pipeline.ScheduleStrict || stages[1].Schedule != pipeline.ScheduleWeighted {
		t.Errorf("schedules are %s and %s", stages[0].Schedule, stages[1].Schedule)
	}
}

func TestEnvironmentVariables(t *testing.T) {
	l := load(t, "", map[string]string{
		"SLUICE_BUGDET": "1GiB", "SLUICE_SUITES": "x", "SLUICE_CORPUS": "x", "SLUICE_BENCH_N": "x",
		"SLUICE_SINK": "", "PATH": "/bin",
	})
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	if len(l.Warnings) != 1 || !strings.Contains(l.Warnings[0], "SLUICE_BUGDET is unknown and changes nothing; did you mean SLUICE_BUDGET?") {
		t.Errorf("warnings are %q", l.Warnings)
	}
	if l.Persistence.Sink != config.DefaultSink {
		t.Errorf("an empty variable set the sink to %q", l.Persistence.Sink)
	}
	l = load(t, "", map[string]string{"SLUICE_BUDGET": "lots", "SLUICE_DRAIN_TIMEOUT": "5"})
	want := []string{`SLUICE_BUDGET: budget: "lots"; expected a size`, `SLUICE_DRAIN_TIMEOUT: drain_timeout: "5"; expected a duration`}
	for _, w := range want {
		if err := l.Err(); err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("no %q in %v", w, err)
		}
	}
}

func TestAMistakeIsPutWhereItsValueCameFrom(t *testing.T) {
	const file = "budget: 64MiB\n"
	if err := load(t, file, nil, "--budget=1KiB").Err(); err == nil || !strings.Contains(err.Error(), "\n--budget: budget: 1024 bytes; expected at least") {
		t.Errorf("a bad flag gave %v", err)
	}
	if err := load(t, file, map[string]string{"SLUICE_BUDGET": "1KiB"}).Err(); err == nil || !strings.Contains(err.Error(), "\nSLUICE_BUDGET: budget: 1024 bytes") {
		t.Errorf("a bad variable gave %v", err)
	}
}

func TestTheLaneFieldWithoutAMapTakesWellKnownNames(t *testing.T) {
	rule := load(t, "", nil, "--lane-field=level").LaneRule()
	for value, want := range map[string]pipeline.Lane{
		"critical": pipeline.LaneCritical, "fatal": pipeline.LaneCritical, "FATAL": pipeline.LaneCritical,
		"error": pipeline.LaneHigh, "debug": pipeline.LaneLow, "trace": pipeline.LaneLow, "low": pipeline.LaneLow,
	} {
		if got, ok := rule.Map[value]; !ok || got != want {
			t.Errorf("%s leads to %v (%v), want %v", value, got, ok, want)
		}
	}
	if _, ok := rule.Map["info"]; ok || rule.Field != "level" || rule.Default != pipeline.LaneNormal {
		t.Errorf("rule is %+v; info needs no entry, the default is its lane", rule)
	}
	rule = load(t, "source: {lane: {field: level, map: {503: high}}}\n", nil).LaneRule()
	if len(rule.Map) != 1 || rule.Map["503"] != pipeline.LaneHigh {
		t.Errorf("a map in the file gave %v; expected that and nothing else", rule.Map)
	}
}
