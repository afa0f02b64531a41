package enrich_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

const hosts = "\ufeffhost,region,\"owner, team\"\r\nweb-1,eu,\"a \"\"b\"\"\nc\"\r\nweb-2,NA,red\r\n503,num,x\r\ntrue,bool,x\r\n\"\",empty,x\r\n"

func TestLookup(t *testing.T) {
	dir := tables(t, "hosts.csv", hosts,
		"rows", "\n{\"k\":{\"id\":1},\"v\":[1, 2.50]}\n{\"k\":{\"id\":\"x\"}}\n")
	base := `field: host, table: hosts.csv, key: host, add: {region: region}`
	for _, c := range []struct{ name, step, in, want string }{
		{"a text finds its row", base, `{"host":"web-1"}`, `{"host":"web-1","region":"eu"}`},
		{"NA is a text", base, `{"host":"web-2"}`, `{"host":"web-2","region":"NA"}`},
		{"an escaped text finds its row", base, `{"host":"web\u002d1"}`, `{"host":"web\u002d1","region":"eu"}`},
		{"a number finds its row as spelled", base, `{"host":503}`, `{"host":503,"region":"num"}`},
		{"a number spelled otherwise does not", base, `{"host":503.0}`, `{"host":503.0}`},
		{"a boolean finds its row", base, `{"host":true}`, `{"host":true,"region":"bool"}`},
		{"an empty text is a key", base, `{"host":""}`, `{"host":"","region":"empty"}`},
		{"no row adds nothing", base, `{"host":"web-9"}`, `{"host":"web-9"}`},
		{"no field adds nothing", base, `{}`, `{}`},
		{"an object is no key", base, `{"host":{}}`, `{"host":{}}`},
		{"a quoted cell keeps what it holds", `field: host, table: hosts.csv, key: host, add: {t: "owner, team"}`, `{"host":"web-1"}`, `{"host":"web-1","t":"a \"b\"\nc"}`},
		{"null for a miss", base + `, on_miss: null`, `{"host":"web-9"}`, `{"host":"web-9","region":null}`},
		{"null for a missing field", base + `, on_miss: null`, `{}`, `{"region":null}`},
		{"a default for a miss", base + `, on_miss: default, default: {region: {a: 1}}`, `{"host":"web-9"}`, `{"host":"web-9","region":{"a":1}}`},
		{"a dead letter for a miss", base + `, on_miss: dead`, `{"host":"web-9"}`, `dead lookup_miss /host`},
		{"a dead letter for a missing field", base + `, on_miss: dead`, `{}`, `dead lookup_miss /host`},
		{"NDJSON is told by its first byte, and keeps types", `field: id, table: rows, key: k.id, add: {v: v}`, `{"id":1}`, `{"id":1,"v":[1, 2.50]}`},
		{"a row without the column adds nothing", `field: id, table: rows, key: k.id, add: {v: v}`, `{"id":"x"}`, `{"id":"x"}`},
		{"the target may be a path", `field: host, table: hosts.csv, key: host, add: {a.b: region}`, `{"host":"web-1","a":{}}`, `{"host":"web-1","a":{"b":"eu"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fate(t, newStage(t, steps("lookup: {"+c.step+"}"), dir), c.in); got != c.want {
				t.Errorf("%s\n< %s\n> %s\nwant\n> %s", c.step, c.in, got, c.want)
			}
		})
	}
}

func TestAMissNamesTheKeyAndTheTable(t *testing.T) {
	dir := tables(t, "hosts.csv", hosts)
	stage := newStage(t, steps(`lookup: {field: host, table: hosts.csv, key: host, add: {r: region}, on_miss: dead}`), dir)
	err := process(t, stage, `{"host":"`+strings.Repeat("x", 5000)+`"}`).Record(0).Err()
	if err.Code != pipeline.CodeLookupMiss || !containsAll(err.Message, []string{"hosts.csv", "xxx"}) || len(err.Message) > 400 {
		t.Errorf("the dead letter says %v", err)
	}
}

func TestTables(t *testing.T) {
	dir := tables(t, "hosts.csv", hosts+"web-1,again,x\r\n")
	var warnings []string
	config := decode(t, steps(`lookup: {field: host, table: hosts.csv, key: host, add: {r: region}}`))
	config.Dir, config.Warn = dir, func(w string) { warnings = append(warnings, w) }
	stage, err := enrich.New(config)
	if err != nil {
		t.Fatal(err)
	}
	infos := stage.Tables()
	if len(infos) != 1 || infos[0].Rows != 5 || infos[0].Duplicates != 1 || infos[0].Bytes == 0 {
		t.Errorf("tables are %+v", infos)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "the same key: 1") {
		t.Errorf("warnings are %q", warnings)
	}
	if got, want := fate(t, stage, `{"host":"web-1"}`), `{"host":"web-1","r":"again"}`; got != want {
		t.Errorf("got %s, want the last row: %s", got, want)
	}
}

func TestATableIsReloadedBetweenBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := tables(t, "hosts.csv", "host,region\na,one\n")
		path := filepath.Join(dir, "hosts.csv")
		stage := newStage(t, steps(`lookup: {field: host, table: hosts.csv, key: host, add: {r: region}}`), dir)
		see := func(want string) {
			t.Helper()
			if got := fate(t, stage, `{"host":"a"}`); got != want {
				t.Errorf("after %v: got %s, want %s", time.Now(), got, want)
			}
		}
		see(`{"host":"a","r":"one"}`)

		next := writeFile(t, path+".new", "host,region\na,another\n")
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
		see(`{"host":"a","r":"one"}`) // not looked at again yet
		time.Sleep(time.Second)       // of the bubble's clock
		see(`{"host":"a","r":"one"}`) // seen, and left to settle
		time.Sleep(time.Second)
		see(`{"host":"a","r":"another"}`)
	})
}
