package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// strict and mended are two versions of one configuration: what the first rejects
// passes the second, but for what is not UTF-8.
const (
	strict = "validate: {schema: strict.json}\npersist: {sink: sqlite://out.db, table: t, columns: {n: text, level: text}, raw: raw}\n"
	mended = "persist: {sink: sqlite://out.db, table: t, columns: {n: text, level: text}, raw: raw}\n"
)

// buried makes a database with dead letters: 1 and 3 fail the schema, 2 is not UTF-8.
func buried(t *testing.T) {
	t.Helper()
	inTemp(t, map[string]string{
		"strict.json": `{"properties": {"n": {"type": "integer"}}}`,
		"strict.yaml": strict, "mended.yaml": mended,
		"in.ndjson": `{"n":1}` + "\n" + `{"n":"two"}` + "\nno\xff\n" + `{"n":"four"}` + "\n",
	})
	if r := sluice(t, "", "run", "-c", "strict.yaml", "in.ndjson"); r.code != exitDone {
		t.Fatal(r.err)
	}
	expectRows(t, "out.db", "SELECT id, code FROM dead_letters ORDER BY id", "1|schema", "2|invalid_utf8", "3|schema")
}

// replayed runs dead replay and returns what it says.
func replayed(t *testing.T, want int, args ...string) pipeline.ReplayResult {
	t.Helper()
	r := sluice(t, "", append([]string{"dead", "replay", "--json"}, args...)...)
	var result pipeline.ReplayResult
	if err := json.Unmarshal([]byte(r.stdout), &result); err != nil || r.code != want {
		t.Fatalf("exit %d, %v, %s", r.code, err, r.stdout)
	}
	return result
}

func TestLettersComeBackWhenTheSchemaIsMended(t *testing.T) {
	buried(t)
	if r := replayed(t, exitDead, "-c", "mended.yaml", "--fail-on-dead"); r.Sent != 3 || r.Persisted != 2 || r.Dead != 1 || len(r.Errors) != 1 || r.Errors[0].ID != 2 {
		t.Errorf("the replay says %+v", r)
	}
	expectRows(t, "out.db", "SELECT n, raw FROM t ORDER BY rowid", `1|{"n":1}`, `two|{"n":"two"}`, `four|{"n":"four"}`)
	expectRows(t, "out.db", "SELECT id, code, attempts, source, position, record_encoding FROM dead_letters", "2|invalid_utf8|2|in.ndjson|20|base64")
}

func TestALetterThatFailsAgainKeepsItsID(t *testing.T) {
	buried(t)
	before := query(t, "out.db", "SELECT id, record, position, lane FROM dead_letters")
	if r := replayed(t, exitDone, "-c", "strict.yaml", "3"); r.Sent != 1 || r.Dead != 1 || r.Errors[0].ID != 3 {
		t.Errorf("the replay says %+v", r)
	}
	expectRows(t, "out.db", "SELECT id, record, position, lane FROM dead_letters", before...)
	expectRows(t, "out.db", "SELECT id, attempts FROM dead_letters", "1|1", "2|1", "3|2")
}

func TestAReplayTakesThoseOfTheFilterInTheirLane(t *testing.T) {
	buried(t)
	for _, c := range []struct {
		args []string
		left []string
	}{
		{[]string{"--code", "schema", "--limit", "1"}, []string{"2", "3"}},
		{[]string{"--until", "1h"}, []string{"2", "3"}},
		{[]string{"--lane", "low"}, []string{"2", "3"}},
		{[]string{"--since", "1h", "--code", "schema", "--to-lane", "critical"}, []string{"2"}},
	} {
		replayed(t, exitDone, append(c.args, "-c", "mended.yaml")...)
		expectRows(t, "out.db", "SELECT id FROM dead_letters", c.left...)
	}
}

func TestALineThatWasCutCannotBeReplayed(t *testing.T) {
	inTemp(t, map[string]string{"in.ndjson": `{"n":"` + strings.Repeat("x", 3000) + "\"}\n"})
	if r := sluice(t, "", "run", "--sink", "sqlite://out.db", "--max-record-bytes", "1KiB", "in.ndjson"); r.code != exitDone {
		t.Fatal(r.err)
	}
	if r := replayed(t, exitDone, "--sink", "sqlite://out.db"); r.Sent != 0 || r.Skipped != 1 || !strings.Contains(r.Errors[0].Message, "too long") {
		t.Errorf("the replay says %+v", r)
	}
	expectRows(t, "out.db", "SELECT code, attempts FROM dead_letters", "too_long|1")
	if r := sluice(t, "", "dead", "export", "--records", "--sink", "sqlite://out.db"); r.stdout != "" || !strings.Contains(r.stderr, "left out: 1") {
		t.Errorf("exported %q, told %q", r.stdout, r.stderr)
	}
}

// From the stage that failed, validation is passed over and enrichment is not.
func TestFromFailedPassesOverTheValidationThatWasPassed(t *testing.T) {
	inTemp(t, map[string]string{
		"a.yaml":       "enrich: {steps: [{set: {by: sluice}}]}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer, by: text}}\n",
		"b.yaml":       "validate: {schema: nothing.json}\nenrich: {steps: [{set: {by: sluice}}]}\npersist: {sink: sqlite://out.db, table: u, columns: {n: text, by: text}}\n",
		"nothing.json": `{"maxProperties": 0}`,
		"in.ndjson":    `{"n":"x"}` + "\n[]\n",
	})
	if r := sluice(t, "", "run", "-c", "a.yaml", "in.ndjson"); r.code != exitDone {
		t.Fatal(r.err)
	}
	change(t, "UPDATE dead_letters SET rows_table = 'u'") // as if that pipeline had buried them
	if r := replayed(t, exitDone, "-c", "b.yaml"); r.Dead != 2 {
		t.Errorf("from the first: %+v", r)
	}
	expectRows(t, "out.db", "SELECT stage, code FROM dead_letters", "validate|schema", "validate|not_object")
	change(t, "UPDATE dead_letters SET stage = 'persist' WHERE id = 1")
	if r := replayed(t, exitDone, "-c", "b.yaml", "--from", "failed"); r.Persisted != 1 || r.Dead != 1 {
		t.Errorf("from where it failed: %+v", r)
	}
	expectRows(t, "out.db", "SELECT n, by FROM u", "x|sluice")
}

// replayKills is how often a replay is killed.
const replayKills = 6

func TestAReplayThatIsKilledLeavesEachRecordOnce(t *testing.T) {
	const letters = 20_000
	inTemp(t, map[string]string{
		"strict.json": `{"properties": {"n": {"type": "string"}}}`,
		"strict.yaml": strict, "mended.yaml": "source: {lane: {field: level}}\n" + mended,
		"in.ndjson": numbered(letters),
	})
	if r := sluice(t, "", "run", "-c", "strict.yaml", "in.ndjson"); r.code != exitDone {
		t.Fatal(r.err)
	}
	killed := 0
	for killed < replayKills {
		cmd := start(t, nil, nil, nil, "dead", "replay", "-c", "mended.yaml")
		if !killAfter(t, cmd, rows("out.db")+letters/(4*replayKills)) {
			break
		}
		killed++
		expectRows(t, "out.db", "SELECT count(*), count(DISTINCT record) FROM (SELECT record FROM dead_letters UNION ALL SELECT raw FROM t)",
			fmt.Sprintf("%d|%d", letters, letters))
	}
	if killed < replayKills {
		t.Fatalf("the replay came to its end after %d kills; there are too few letters for this machine", killed)
	}
	if got := code(t, start(t, nil, nil, nil, "dead", "replay", "-c", "mended.yaml")); got != exitDone {
		t.Fatalf("exit %d", got)
	}
	expectRows(t, "out.db", "SELECT count(*) FROM dead_letters", "0")
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), min(CAST(n AS INTEGER)), max(CAST(n AS INTEGER)) FROM t", fmt.Sprintf("%d|%d|0|%d", letters, letters, letters-1))
}

func TestTwoReplaysAndARunAtOnceDoNotFight(t *testing.T) {
	const letters = 5_000
	inTemp(t, map[string]string{
		"strict.json": `{"properties": {"n": {"type": "string"}}}`,
		"strict.yaml": strict, "mended.yaml": mended, "in.ndjson": numbered(letters), "more.ndjson": `{"n":"more"}` + "\n" + numbered(letters), // a file is known by its content
	})
	if r := sluice(t, "", "run", "-c", "strict.yaml", "in.ndjson"); r.code != exitDone {
		t.Fatal(r.err)
	}
	var told [3]bytes.Buffer
	one := start(t, nil, nil, &told[0], "dead", "replay", "-c", "mended.yaml")
	two := start(t, nil, nil, &told[1], "dead", "replay", "-c", "mended.yaml")
	three := start(t, nil, nil, &told[2], "run", "-c", "mended.yaml", "more.ndjson")
	if a, b, c := code(t, one), code(t, two), code(t, three); a != 0 || b != 0 || c != 0 {
		t.Errorf("exit %d, %d and %d\n%s%s%s", a, b, c, &told[0], &told[1], &told[2])
	}
	expectRows(t, "out.db", "SELECT count(*) FROM dead_letters", "0")
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n) FROM t", fmt.Sprintf("%d|%d", 2*letters+1, letters+1))
}

func TestACommandGoesThroughTheSluiceThatRuns(t *testing.T) {
	buried(t)
	s := serve(t, nil, nil, "serve", "-c", "mended.yaml")
	there := func(args ...string) result {
		t.Helper()
		return sluiceEnv(t, "", []string{"SLUICE_LISTEN=" + strings.TrimPrefix(s.url, "http://")}, append([]string{"dead"}, append(args, "-c", "mended.yaml")...)...)
	}
	for _, args := range [][]string{{"list"}, {"stats"}, {"show", "2"}, {"export", "--code", "schema"}, {"export", "--records"}, {"list", "--json", "--limit", "2"}, {"stats", "--json"}} {
		remote, local := there(args...), sluice(t, "", append([]string{"dead", "-c", "mended.yaml"}, args...)...)
		if remote.stdout != local.stdout || remote.stdout == "" || !strings.Contains(remote.stderr, "through sluice") {
			t.Errorf("%q: through it\n%s\nand without\n%s\n%s", args, remote.stdout, local.stdout, remote.stderr)
		}
	}
	r := there("replay", "--json", "--to-lane", "high")
	var result pipeline.ReplayResult
	if err := json.Unmarshal([]byte(r.stdout), &result); err != nil || result.Persisted != 2 || result.Dead != 1 {
		t.Errorf("the replay says %s, %v", r.stdout, err)
	}
	if high := s.status().Stages[0].Lanes[1].In; high != 3 {
		t.Errorf("%d records went through lane high", high)
	}
	if r := there("purge", "--code", "invalid_utf8"); r.code != exitDone || !strings.Contains(r.stdout, "purged 1 ") {
		t.Errorf("exit %d: %s", r.code, r.stdout)
	}
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	expectRows(t, "out.db", "SELECT count(*) FROM dead_letters", "0")
	expectRows(t, "out.db", "SELECT n FROM t", "1", "two", "four")
}

func TestThePagesOfAListAreAllOfIt(t *testing.T) {
	buried(t)
	var ids []string
	for after := int64(0); ; {
		r := sluice(t, "", "dead", "list", "-c", "mended.yaml", "--json", "--limit", "2", "--after", strconv.FormatInt(after, 10))
		var page api.LetterPage
		if err := json.Unmarshal([]byte(r.stdout), &page); err != nil {
			t.Fatal(err)
		}
		for _, l := range page.DeadLetters {
			letter, err := deadletter.Parse(l)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, strconv.FormatInt(letter.ID, 10))
		}
		if after = page.Next; after == 0 {
			break
		}
	}
	if got := strings.Join(ids, " "); got != "1 2 3" {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsExportedIsTheOriginalBytes(t *testing.T) {
	buried(t)
	if r := sluice(t, "", "dead", "export", "--records", "-c", "mended.yaml"); r.stdout != `{"n":"two"}`+"\nno\xff\n"+`{"n":"four"}`+"\n" {
		t.Errorf("got %q", r.stdout)
	}
}

func TestWhatIsShownDoesNotSteerTheTerminal(t *testing.T) {
	inTemp(t, map[string]string{
		"strict.json": `{"additionalProperties": false}`, "strict.yaml": strict,
		"in.ndjson": `{"\u001b[31m\u009b":"\u001b[2J` + "\u009b" + `"}` + "\n",
	})
	if r := sluice(t, "", "run", "-c", "strict.yaml", "in.ndjson"); r.code != exitDone || strings.ContainsAny(r.stderr, "\x1b\u009b") {
		t.Errorf("exit %d, %q", r.code, r.stderr)
	}
	for _, verb := range [][]string{{"show", "1"}, {"list"}, {"stats"}} {
		r := sluice(t, "", append(append([]string{"dead"}, verb...), "-c", "strict.yaml")...)
		if r.code != exitDone || !strings.Contains(r.stdout, "schema") || strings.ContainsAny(r.stdout, "\x1b\u009b") {
			t.Errorf("dead %s: exit %d, %q", verb[0], r.code, r.stdout)
		}
	}
}

func TestPurgeNeedsAFilterOrAll(t *testing.T) {
	buried(t)
	for _, c := range []struct {
		args []string
		code int
		left int
	}{
		{[]string{"purge"}, exitUsage, 3},
		{[]string{"purge", "--all", "--code", "schema"}, exitUsage, 3},
		{[]string{"purge", "--code", "schema"}, exitDone, 1},
		{[]string{"purge", "--all"}, exitDone, 0},
	} {
		if r := sluice(t, "", append([]string{"dead", "-c", "mended.yaml"}, c.args...)...); r.code != c.code {
			t.Errorf("%q: exit %d, %v", c.args, r.code, r.err)
		}
		expectRows(t, "out.db", "SELECT count(*) FROM dead_letters", strconv.Itoa(c.left))
	}
}

func TestLettersInAFileAreShownAndNotReplayed(t *testing.T) {
	inTemp(t, nil)
	sink := []string{"--sink", "ndjson://out.ndjson"}
	if r := sluice(t, "nope\n{\"n\":1}\n", append([]string{"run"}, sink...)...); r.code != exitDone {
		t.Fatal(r.err)
	}
	if r := sluice(t, "", append([]string{"dead", "list"}, sink...)...); !strings.Contains(r.stdout, "not_json") {
		t.Errorf("got %s", r.stdout)
	}
	for verb, advice := range map[string]string{"replay": "sluice dead export --records | sluice run", "purge": "move or remove the file"} {
		r := sluice(t, "", append([]string{"dead", verb, "--stage", "validate"}, sink...)...)
		if r.code != exitFailed || !strings.Contains(fmt.Sprint(r.err), advice) {
			t.Errorf("%s: exit %d, %v", verb, r.code, r.err)
		}
	}
	if text, err := os.ReadFile("dead_letters.ndjson"); err != nil || strings.Count(string(text), "\n") != 1 {
		t.Errorf("the file is %q, %v", text, err)
	}
}

func TestMistakesOfADeadCommandLine(t *testing.T) {
	inTemp(t, nil)
	for line, want := range map[string]string{
		"dead":                      "expected one of list",
		"dead lst":                  "did you mean dead list?",
		"dead show":                 "takes the ids",
		"dead list x":               "expected ids",
		"dead list --all":           "--all is not for dead list",
		"dead replay --lane urgent": "--lane: unknown lane",
		"dead replay --from enrich": "--from: from is",
		"dead list --since lately":  "--since: since is",
		"dead list --limit 0":       "--limit: limit is",
	} {
		r := sluice(t, "", strings.Fields(line)...)
		if r.code != exitUsage || !strings.Contains(fmt.Sprint(r.err), want) {
			t.Errorf("%s: exit %d, %v; expected %q", line, r.code, r.err, want)
		}
	}
	if r := sluice(t, "", "dead", "list"); r.code != exitFailed || !strings.Contains(fmt.Sprint(r.err), "there is no database") {
		t.Errorf("without a database: exit %d, %v", r.code, r.err)
	}
}
