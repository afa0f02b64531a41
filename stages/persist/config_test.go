package persist

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/stages/persist/ndjson"

	"github.com/goccy/go-yaml"
)

func TestConfigComesFromYAML(t *testing.T) {
	const text = `
sink: sqlite://events.db
table: events
columns: {id: {type: text, key: true}, ts: timestamp}
rest: data
raw: raw
on_conflict: ignore
synchronous: full
`
	var c Config
	if err := yaml.UnmarshalWithOptions([]byte(text), &c, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if c.Sink != "sqlite://events.db" || c.Table != "events" || len(c.Columns) != 2 || c.Rest != "data" || c.Raw != "raw" || c.OnConflict != "ignore" || c.Synchronous != "full" {
		t.Errorf("got %+v", c)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestMistakesAreReportedAllAtOnce(t *testing.T) {
	c := Config{
		Sink: "kafka://x", Table: "Dead_Letters", Rest: "id", Raw: "ID", OnConflict: "replace", Synchronous: "sometimes",
		Columns: Columns{{Name: "id", Type: "strng"}, {Name: "ID", Type: "int"}, {Name: "rowid", Type: "text"}, {Name: "x"}, {Name: "", Type: "text"}},
	}
	err := c.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`sink: "kafka://x": no sink is called kafka://; expected sqlite://FILE, postgres://HOST/DATABASE, ndjson://FILE, stdout:// or null://`,
		`table: "Dead_Letters" is a table of sluice's own`,
		`columns.ID: there are two columns of this name`,
		`columns.ID.type: "int"; expected one of text, integer, real, numeric, boolean, timestamp, date, uuid, inet, json, or one of them with [] for a list; did you mean integer?`,
		`columns.id.type: "strng"; expected one of text, integer`,
		`columns.rowid: "rowid" is SQLite's own name`,
		`columns.x.type: ""; expected one of`,
		`columns.: a column needs a name`,
		`rest: "id" is one of columns too`,
		`raw: "ID" is the column of rest too`,
		`on_conflict: "replace"; expected update, ignore or dead`,
		`synchronous: "sometimes"; expected one of off, normal, full, extra`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not reported: %s\nin:\n%v", want, err)
		}
	}
}

func TestSingleMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"no sink":                                    {Config{}, "sink: there is none"},
		"a URL that is none":                         {Config{Sink: "postgres://db:port/x"}, "read the sink's URL"},
		"a table that is no name":                    {Config{Sink: "postgres://db/x", Table: "a.b.c"}, "expected table or schema.table"},
		"the dead letters of a schema":               {Config{Sink: "postgres://db/x", Table: "s.dead_letters"}, "sluice's own"},
		"a system column":                            {Config{Sink: "postgres://db/x", Columns: Columns{{Name: "ctid", Type: "text"}}}, "PostgreSQL's own name"},
		"a name that would be cut":                   {Config{Sink: "postgres://db/x", Columns: Columns{{Name: strings.Repeat("n", 64), Type: "text"}}}, "63 bytes"},
		"no file":                                    {Config{Sink: "sqlite://"}, "names no file"},
		"a word":                                     {Config{Sink: "events"}, "is not the URL of a sink"},
		"memory":                                     {Config{Sink: "sqlite://:memory:"}, "gone with the process"},
		"a bad escape":                               {Config{Sink: "sqlite://50%.db"}, "%25"},
		"an unknown option":                          {Config{Sink: "ndjson://o.ndjson?mod=truncate"}, "mod=truncate is no option; expected mode, rotate_size"},
		"an unknown mode":                            {Config{Sink: "ndjson://o.ndjson?mode=new"}, "expected mode=append or mode=truncate"},
		"an option given twice":                      {Config{Sink: "ndjson://o.ndjson?compress=gzip&compress=zstd"}, "option compress is given 2 times; expected once"},
		"an option of a server given twice":          {Config{Sink: "postgres://u:s3cret@h/d?sslmode=disable&sslmode=require"}, "sink: the sink's URL: option sslmode is given 2 times; expected once"},
		"an option of another sink":                  {Config{Sink: "sqlite://o.db?mode=truncate"}, "has no options"},
		"a path for stdout":                          {Config{Sink: "stdout://x"}, "takes no path"},
		"a conflict without a key":                   {Config{Sink: "sqlite://o.db", OnConflict: "ignore", Columns: Columns{{Name: "a", Type: "text"}}}, "on_conflict: there is no key"},
		"a conflict at a server without a key":       {Config{Sink: "postgres://h/d", OnConflict: "dead", Columns: Columns{{Name: "a", Type: "text"}}}, "on_conflict: there is no key"},
		"a conflict in a file":                       {Config{Sink: "ndjson://o.ndjson", OnConflict: "ignore", Columns: Columns{{Name: "a", Type: "text", Key: true}}}, "on_conflict: ndjson:// has no table"},
		"rest without columns":                       {Config{Sink: "null://", Rest: "data"}, `rest: "data" needs columns`},
		"a table of SQLite's":                        {Config{Sink: "null://", Table: "SQLite_x"}, "SQLite's own"},
		"the progress table":                         {Config{Sink: "null://", Table: "sluice_progress"}, "sluice's own"},
		"a bad path":                                 {Config{Sink: "null://", Columns: Columns{{Name: "a", Type: "text", From: "a..b"}}}, "columns.a.from"},
		"dead letters in the rows' place":            {Config{Sink: "ndjson://o.ndjson", DeadLetters: "./o.ndjson"}, "dead_letters: "},
		"dead letters in the rows' place by default": {Config{Sink: "ndjson://dead_letters.ndjson"}, "dead_letters.ndjson is both the file of the rows and the file of the dead letters unless dead_letters names another"},
		"dead letters in the progress's place":       {Config{Sink: "ndjson://o.ndjson", DeadLetters: "o.ndjson.progress.json"}, "is both the progress of the rows and the file of the dead letters"},
		"dead letters in the log's place":            {Config{Sink: "sqlite://o.db", DeadLetters: "o.db-wal"}, "dead_letters: "},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; expected %q in it", err, c.want)
			}
		})
	}
}

func TestEveryMistakeInTheOptionsOfAFileIsNamed(t *testing.T) {
	err := Config{Sink: "ndjson://o.ndjson?rotate_size=1&rotate_every=soon&keep=0&compress=lz4&sync=never&mode=x&sise=1"}.Validate()
	for _, want := range []string{
		"rotate_size=1; expected a size such as 100MiB, at least 4.0 KiB", "rotate_every=soon; expected a time such as 1h", "keep=0; expected",
		"compress=lz4 is no option; expected compress=none or compress=gzip or compress=zstd",
		"sync=never is no option; expected sync=always or sync=interval or sync=close", "mode=x is no option", "sise=1 is no option; expected mode, rotate_size",
	} {
		if !strings.Contains(fmt.Sprint(err), `sink: "ndjson://o.ndjson?rotate_size`) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("expected %q in\n%v", want, err)
		}
	}
	for sink, want := range map[string]string{
		"ndjson://o.ndjson?keep=3":                              "keep needs rotation beside it",
		"ndjson://o.ndjson?sync=close":                          "sync=close needs rotation beside it",
		"ndjson://o.ndjson?mode=truncate&rotate_every=1h":       "mode=truncate cannot stand beside rotation",
		"ndjson://o.ndjson.gz?compress=zstd":                    "o.ndjson.gz would hold zstd",
		"ndjson://o.ndjson.zst?compress=none":                   "o.ndjson.zst would hold plain rows",
		"ndjson://o.ndjson?rotate_size=99999999999999999999GiB": "rotate_size=",
	} {
		if err := (Config{Sink: sink}).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; expected %q in it", sink, err, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for sink, want := range map[string]target{
		"ndjson://o.ndjson?compress=none&sync=always": {scheme: "ndjson", path: "dir/o.ndjson", ndjson: ndjson.Options{Sync: ndjson.SyncAlways}},
		"o.ndjson.gz": {scheme: "ndjson", path: "dir/o.ndjson.gz", ndjson: ndjson.Options{Sync: ndjson.SyncInterval, Compress: ndjson.Gzip}},
		"ndjson://o.jsonl?rotate_size=100MiB&rotate_every=1h&keep=24&compress=zstd&sync=close": {scheme: "ndjson", path: "dir/o.jsonl", ndjson: ndjson.Options{
			RotateSize: 100 << 20, RotateEvery: time.Hour, Keep: 24, Compress: ndjson.Zstd, Sync: ndjson.SyncClose}},
		"sqlite://events.db":                {scheme: "sqlite", path: "dir/events.db"},
		"sqlite:///var/lib/events.db":       {scheme: "sqlite", path: "/var/lib/events.db"},
		"sqlite://sub/my events.db":         {scheme: "sqlite", path: "dir/sub/my events.db"},
		"sqlite://my%20events%3F.db":        {scheme: "sqlite", path: "dir/my events?.db"},
		"SQLite://../up.db":                 {scheme: "sqlite", path: "up.db"},
		"ndjson://out.ndjson":               {scheme: "ndjson", path: "dir/out.ndjson", ndjson: ndjson.Options{Sync: ndjson.SyncInterval}},
		"ndjson://out.ndjson?mode=append":   {scheme: "ndjson", path: "dir/out.ndjson", ndjson: ndjson.Options{Sync: ndjson.SyncInterval}},
		"ndjson://out.ndjson?mode=truncate": {scheme: "ndjson", path: "dir/out.ndjson", ndjson: ndjson.Options{Sync: ndjson.SyncInterval, Truncate: true}},
		"stdout://":                         {scheme: "stdout"},
		"null://":                           {scheme: "null"},
		"events.db":                         {scheme: "sqlite", path: "dir/events.db"},
		"/x/50%.jsonl":                      {scheme: "ndjson", path: "/x/50%.jsonl", ndjson: ndjson.Options{Sync: ndjson.SyncInterval}},
	} {
		got, err := parseTarget(sink, "dir")
		got.path = filepath.ToSlash(got.path)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v; expected %+v", sink, got, err, want)
		}
	}
}

func TestShellWords(t *testing.T) {
	for word, want := range map[string]string{"a/b.db": "a/b.db", "my events.db": "'my events.db'", "it's": `'it'\''s'`, "": "''", "-x": "'-x'"} {
		if got := shellWord(word); got != want {
			t.Errorf("%q: got %s, expected %s", word, got, want)
		}
	}
}
