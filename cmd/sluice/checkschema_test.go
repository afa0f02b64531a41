package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

const eventSchema = `{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "at": {"format": "date-time"},
	"tags": {"items": {"type": "string"}}}, "additionalProperties": false}`

func TestCheckSchemaPrintsAVerdictForEachLine(t *testing.T) {
	tests := []struct {
		name, stdin, args string
		code              int
		want              string // stdout
	}{
		{"values that fit", "{\"id\":1}\n\n \t\r\n{\"id\":2}\r\n", "", exitDone,
			`{"line":1,"valid":true}` + "\n" + `{"line":4,"valid":true}` + "\n"},
		{"a last line without an end", `{"id":1}`, "-", exitDone, `{"line":1,"valid":true}` + "\n"},
		{"a byte order mark", "\xef\xbb\xbf{\"id\":1}", "", exitDone, `{"line":1,"valid":true}` + "\n"},
		{"no values", "\n", "", exitDone, ""},
		{"a value that does not fit", `{"id":"x"}`, "", exitDead,
			`{"line":1,"valid":false,"errors":[{"pointer":"/id","keyword":"#/properties/id/type","message":"/id is a string; must be an integer"}]}` + "\n"},
		{"all that is wrong", `{"id":"x","z":0,"tags":["a",1,2]}`, "", exitDead,
			`{"line":1,"valid":false,"errors":[{"pointer":"/z","keyword":"#/additionalProperties","message":"/z is not allowed; the schema allows no additional properties"},` +
				`{"pointer":"/id","keyword":"#/properties/id/type","message":"/id is a string; must be an integer"},` +
				`{"pointer":"/tags/1","keyword":"#/properties/tags/items/type","message":"/tags/1 is a number; must be a string"},` +
				`{"pointer":"/tags/2","keyword":"#/properties/tags/items/type","message":"/tags/2 is a number; must be a string"}]}` + "\n"},
		{"the first that is wrong", `{"id":"x","z":0}`, "--errors first", exitDead,
			`{"line":1,"valid":false,"errors":[{"pointer":"/z","keyword":"#/additionalProperties","message":"/z is not allowed; the schema allows no additional properties"}]}` + "\n"},
		{"a format is an annotation", `{"id":1,"at":"now"}`, "", exitDone, `{"line":1,"valid":true}` + "\n"},
		{"a format that is asserted", `{"id":1,"at":"now"}`, "--format assert", exitDead,
			`{"line":1,"valid":false,"errors":[{"pointer":"/at","keyword":"#/properties/at/format","message":"/at is \"now\"; must have the format date-time, such as 2026-11-22T06:05:04Z"}]}` + "\n"},
		{"what is not JSON", "{\"id\":1}\nnope\n", "", exitDead,
			`{"line":1,"valid":true}` + "\n" + `{"line":2,"valid":false,"errors":[{"pointer":"","keyword":"","message":"not JSON: unexpected 'o' at byte 1, expected true, false or null"}]}` + "\n"},
		{"a value of another kind", "[1]", "", exitDead,
			`{"line":1,"valid":false,"errors":[{"pointer":"","keyword":"#/type","message":"the record is an array; must be an object"}]}` + "\n"},
		{"several files", "{\"id\":1}", "a.ndjson - a.ndjson", exitDone,
			`{"file":"a.ndjson","line":2,"valid":true}` + "\n" + `{"file":"-","line":1,"valid":true}` + "\n" + `{"file":"a.ndjson","line":2,"valid":true}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inTemp(t, map[string]string{"s.json": eventSchema, "a.ndjson": "\n{\"id\":1}\n"})
			r := sluiceEnv(t, tt.stdin, nil, append([]string{"check", "--schema", "s.json"}, strings.Fields(tt.args)...)...)
			if r.code != tt.code {
				t.Errorf("exit %d, want %d", r.code, tt.code)
			}
			if r.stdout != tt.want {
				t.Errorf("printed\n%s\nwant\n%s", r.stdout, tt.want)
			}
		})
	}
}

func TestCheckSchemaTellsMistakesAndCheckNothing(t *testing.T) {
	tests := []struct{ name, args, want string }{
		{"a schema that is absent", "--schema no.json", "no.json: there is no such file"},
		{"a schema that is no JSON", "--schema bad.json", "bad.json:2:3: not JSON"},
		{"a pattern that cannot be had", "--schema pattern.json", `the pattern "(?=a)" at #/pattern cannot be used`},
		{"a file that is absent", "--schema s.json no.ndjson", "no.ndjson"},
		{"a folder", "--schema s.json .", "is a directory"},
		{"a draft that is unknown", "--schema s.json --draft 3", `--draft: "3"; expected one of 2020-12, 2019-09, 7, 6, 4`},
		{"a mode of formats that is unknown", "--schema s.json --format yes", `--format: "yes"; expected annotate or assert`},
		{"which errors that is unknown", "--schema s.json --errors some", `--errors "some"; expected first or all`},
		{"a remote without an address", "--schema s.json --remotes .", `--remotes "."; expected DIR=URL`},
		{"an address with two folders", "--schema s.json --remotes .=https://example.com/ --remotes ..=https://example.com/", "--remotes has https://example.com/ twice, for . and for ..; expected one folder for each address"},
		{"a remote without a folder", "--schema s.json --remotes no=https://example.com/", "there is no folder no"},
		{"a configuration beside them", "--schema s.json -c a.yaml --draft 7", "--draft stands beside --config"},
		{"a draft without a schema", "--draft 7", "--draft is for checking values"},
		{"files without a schema", "a.ndjson", `found "a.ndjson"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inTemp(t, map[string]string{"s.json": eventSchema, "bad.json": "{\n  x}", "pattern.json": `{"pattern": "(?=a)"}`, "a.ndjson": "{}"})
			r := sluiceEnv(t, "{}", nil, append([]string{"check"}, strings.Fields(tt.args)...)...)
			if r.code != exitUsage || r.err == nil || !strings.Contains(r.err.Error(), tt.want) || r.stdout != "" {
				t.Errorf("exit %d, want 2; %v, want %s", r.code, r.err, tt.want)
			}
		})
	}
}

func TestDraftOfASchemaThatDoesNotNameIt(t *testing.T) {
	// What stands beside a $ref counts from 2019-09 on.
	const sibling = `{"$ref": "#/definitions/any", "type": "string", "definitions": {"any": true}}`
	tests := []struct {
		name  string
		files map[string]string
		args  string
		valid bool
	}{
		{"2020-12 at the root", map[string]string{"s.json": sibling}, "", false},
		{"the one that is given at the root", map[string]string{"s.json": sibling}, "--draft draft-07", true},
		{"another that is given", map[string]string{"s.json": sibling}, "--draft 2019-09", false},
		{"that of the schema that refers to it", map[string]string{"other.json": sibling,
			"s.json": `{"$schema": "http://json-schema.org/draft-07/schema#", "allOf": [{"$ref": "other.json"}]}`}, "", true},
		{"that of the schema that refers to it through another", map[string]string{"other.json": `{"allOf": [{"$ref": "third.json"}]}`, "third.json": sibling,
			"s.json": `{"$schema": "http://json-schema.org/draft-07/schema#", "allOf": [{"$ref": "other.json"}]}`}, "", true},
		{"its own before that of who refers to it", map[string]string{"other.json": `{"$schema": "http://json-schema.org/draft-07/schema#", ` + sibling[1:],
			"s.json": `{"$ref": "other.json"}`}, "", true},
		{"2020-12 where who refers to it says nothing", map[string]string{"other.json": sibling, "s.json": `{"$ref": "other.json"}`}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inTemp(t, tt.files)
			r := sluiceEnv(t, "1", nil, append([]string{"check", "--schema", "s.json"}, strings.Fields(tt.args)...)...)
			if want := fmt.Sprintf(`"valid":%t`, tt.valid); !strings.Contains(r.stdout, want) {
				t.Errorf("printed %s, want %s", r.stdout, want)
			}
		})
	}
}

func TestRemotesStandForWebAddresses(t *testing.T) {
	files := map[string]string{
		"s.json":          `{"properties": {"a": {"$ref": "https://example.com/schemas/v1/int.json"}, "b": {"$ref": "https://example.com/other/str.json#/$defs/s"}}}`,
		"v1/int.json":     `{"$ref": "../base.json"}`,
		"base.json":       `{"type": "integer"}`,
		"o=ther/str.json": `{"$defs": {"s": {"type": "string"}}}`,
	}
	inTemp(t, files)
	r := sluiceEnv(t, `{"a": 1, "b": "x"}`, nil, "check", "--schema", "s.json", "--remotes", ".=https://example.com/schemas", "--remotes", "o=ther=https://example.com/other/")
	if r.code != exitDone {
		t.Errorf("exit %d, want 0", r.code)
	}
	r = sluiceEnv(t, `{"a": "x"}`, nil, "check", "--schema", "s.json", "--remotes", "https://example.com/schemas/=.", "--remotes", "https://example.com/other/=o=ther")
	if r.code != exitDead || !strings.Contains(r.stdout, `"keyword":"base.json#/type"`) && !strings.Contains(r.stdout, `"keyword":"https://example.com/schemas/base.json#/type"`) {
		t.Errorf("exit %d, want 4 and the keyword's place", r.code)
	}
	for _, remotes := range []string{".=https://example.com/schem", ".=https://example.com/schemas/v1/int", "v1=https://example.com/schemas/"} {
		r = sluiceEnv(t, `{}`, nil, "check", "--schema", "s.json", "--remotes", remotes)
		if r.code != exitUsage {
			t.Errorf("%s: exit %d, want 2", remotes, r.code)
		}
	}
}

func TestFailuresOfOneValueAreBounded(t *testing.T) {
	inTemp(t, map[string]string{"s.json": eventSchema})
	r := sluiceEnv(t, `{"id":1,"tags":[`+strings.Repeat("1,", 4999)+`1]}`, nil, "check", "--schema", "s.json")
	var verdict struct {
		Errors []struct{ Pointer string }
		More   int
	}
	if err := json.Unmarshal([]byte(r.stdout), &verdict); err != nil {
		t.Fatal(err)
	}
	if len(verdict.Errors) != 20 || verdict.More != 4980 || verdict.Errors[19].Pointer != "/tags/19" {
		t.Errorf("%d errors and %d more, want 20 and 4,980; the last is %s", len(verdict.Errors), verdict.More, verdict.Errors[19].Pointer)
	}
}

func TestLineBeyondTheBoundIsInvalidAndTheNextIsRead(t *testing.T) {
	inTemp(t, map[string]string{"s.json": `{}`})
	r := sluiceEnv(t, `"`+strings.Repeat("x", maxCheckedLine)+"\"\n1\n", nil, "check", "--schema", "s.json")
	want := `{"line":1,"valid":false,"errors":[{"pointer":"","keyword":"","message":"the line is longer than 32 MiB"}]}` + "\n" + `{"line":2,"valid":true}` + "\n"
	if r.code != exitDead || r.stdout != want {
		t.Errorf("exit %d, printed\n%s\nwant 4 and\n%s", r.code, r.stdout, want)
	}
}

// waiting is an input that ends only when the verdict on its line has been seen.
type waiting struct {
	line string
	seen <-chan struct{}
}

func (w *waiting) Read(p []byte) (int, error) {
	if w.line != "" {
		n := copy(p, w.line)
		w.line = w.line[n:]
		return n, nil
	}
	<-w.seen
	return 0, io.EOF
}

// firstWrite tells of the first write.
type firstWrite struct{ seen chan struct{} }

func (f *firstWrite) Write(p []byte) (int, error) {
	close(f.seen)
	return len(p), nil
}

func TestVerdictComesBeforeTheNextLine(t *testing.T) {
	inTemp(t, map[string]string{"s.json": `{}`})
	seen := make(chan struct{})
	err := run(t.Context(), []string{"check", "--schema", "s.json"}, &waiting{"1\n", seen}, &firstWrite{seen}, io.Discard, nil)
	if err != nil {
		t.Error(err)
	}
}

// closedPipe is a stdout whose reader has gone.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestClosedStdoutEndsTheCheck(t *testing.T) {
	inTemp(t, map[string]string{"s.json": `{}`})
	err := run(t.Context(), []string{"check", "--schema", "s.json"}, strings.NewReader("1\n"), closedPipe{}, io.Discard, nil)
	if exitCode(err) != exitFailed || !errors.Is(err, syscall.EPIPE) {
		t.Errorf("exit %d, %v; want 1 and a broken pipe", exitCode(err), err)
	}
}

func TestCheckOfAConfigurationNamesWhatTakesTheSlowWay(t *testing.T) {
	inTemp(t, map[string]string{
		"sluice.yaml":  "validate:\n  schemas: {by: type, map: {a: parts/a.json, b: parts/b.json}, default: pass}\n  format: assert\n  errors: all\npersist: {sink: \"ndjson://out.ndjson\"}\n",
		"parts/a.json": `{"properties": {"x": {"unevaluatedProperties": false}}}`,
		"parts/b.json": `{"properties": {"n": {"type": "integer"}}}`,
	})
	r := sluice(t, "", "check")
	for _, want := range []string{"by the field type, 2 values; others pass", "a: #/properties/x/unevaluatedProperties"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("not said: %s", want)
		}
	}
	writeFile(t, "in.ndjson", `{"type":"a","x":{"y":1}}`+"\n"+`{"type":"b","n":"x"}`+"\n"+`{"type":"c"}`+"\n")
	if r = sluice(t, "", "run", "in.ndjson"); r.code != exitDone {
		t.Fatalf("exit %d", r.code)
	}
	text, err := os.ReadFile("dead_letters.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	letters := string(text)
	if !strings.Contains(letters, `"errors":[{"pointer":"/n","keyword":"#/properties/n/type","message":"/n is a string; must be an integer"}]`) || strings.Count(letters, "\n") != 2 {
		t.Errorf("dead letters:\n%s", letters)
	}
}
