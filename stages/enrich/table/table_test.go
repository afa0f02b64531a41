package table

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// row spells a found row; a column without a value is a dash.
func row(t *Table, key string) string {
	values, ok := t.Find([]byte(key))
	if !ok {
		return "none"
	}
	var cells []string
	for _, v := range values {
		if v == nil {
			v = []byte("-")
		}
		cells = append(cells, string(v))
	}
	return strings.Join(cells, " ")
}

func TestParse(t *testing.T) {
	types := map[string]Type{"n": TypeInteger, "r": TypeReal, "b": TypeBoolean, "j": TypeJSON}
	for _, c := range []struct {
		name, path, key, columns, text, find, want string
	}{
		{"a plain row", "t.csv", "k", "v", "k,v\na,x\n", "a", `"x"`},
		{"the key may stand anywhere, and be wanted too", "t.csv", "k", "v,k", "v,k\nx,a\n", "a", `"x" "a"`},
		{"a last line without a line end", "t.csv", "k", "v", "k,v\na,x", "a", `"x"`},
		{"CRLF and a byte order mark", "t.csv", "k", "v", "\ufeffk,v\r\na,x\r\n", "a", `"x"`},
		{"quoted cells", "t.csv", "k", "v", "k,v\n\"a,1\",\"x \"\"y\"\"\nz\"\n", "a,1", `"x \"y\"\nz"`},
		{"a quoted header", "t.csv", "k", "the v", "k,\"the v\"\na,x\n", "a", `"x"`},
		{"a blank line is skipped", "t.csv", "k", "v", "k,v\n\na,x\n", "a", `"x"`},
		{"NA stays a text, zeros stay", "t.csv", "k", "v,w", "k,v,w\n007,NA,010\n", "007", `"NA" "010"`},
		{"an empty cell is an empty text", "t.csv", "k", "v", "k,v\na,\n", "a", `""`},
		{"the last of a key counts", "t.csv", "k", "v", "k,v\na,x\nb,y\na,z\n", "a", `"z"`},
		{"a name that is twice in the header and not used", "t.csv", "k", "v", "x,k,x,v\n1,a,2,y\n", "a", `"y"`},
		{"a cell that is not UTF-8 and not used", "t.csv", "k", "v", "x,k,v\n\xe9,a,y\n", "a", `"y"`},
		{"no row", "t.csv", "k", "v", "k,v\na,x\n", "A", `none`},
		{"types", "t.csv", "k", "n,r,b,j", "k,n,r,b,j\na,007,1.50,1,\" {\"\"x\"\": [1]}\"\n", "a", `7 1.5 true {"x":[1]}`},
		{"an empty cell of a type is no value", "t.csv", "k", "n,r,b,j", "k,n,r,b,j\na,,,,\n", "a", `- - - -`},
		{"tabs", "t.tsv", "k", "v", "k\tv\na\tx,y\n", "a", `"x,y"`},
		{"markup is not escaped", "t.csv", "k", "v", "k,v\na,<&>\n", "a", `"<&>"`},
		{"NDJSON", "t.ndjson", "k", "v,w.x,w", "{\"k\":\"a\",\"v\":1.50,\"w\":{\"x\": null}}\n", "a", `1.50 null {"x": null}`},
		{"NDJSON told by its first byte", "t.txt", "k", "v", "\n {\"k\":\"a\",\"v\":1}\n", "a", `1`},
		{"CSV told by its first byte", "t.txt", "k", "v", "k,v\na,x\n", "a", `"x"`},
		{"a number as key", "t.jsonl", "k", "v", "{\"k\":1.0,\"v\":1}\n", "1.0", `1`},
		{"an escaped key", "t.jsonl", "k", "v", "{\"k\":\"\\u0061\",\"v\":1}\r\n", "a", `1`},
		{"a row without the column", "t.jsonl", "k", "v", "{\"k\":\"a\"}\n", "a", `-`},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Config{Path: c.path, Key: c.key, Columns: strings.Split(c.columns, ",")}
			if strings.HasPrefix(c.columns, "n,") {
				config.Types = types
			}
			table, err := Parse(config, []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := row(table, c.find); got != c.want {
				t.Errorf("row %q is %s, want %s", c.find, got, c.want)
			}
		})
	}
}

func TestMistakesInATable(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{"an empty file", "t.csv", "", "it is empty; expected a header line"},
		{"no such key", "t.csv", "key,v\n", `there is no column "k"; the header has key, v`},
		{"a column with another name", "t.csv", "k,w\n", `there is no column "v"; the header has k, w`},
		{"a short row", "t.csv", "k,v\na,x\nb\n", "record on line 3: wrong number of fields"},
		{"a quote in a cell", "t.csv", "k,v\na,x\"y\n", "parse error on line 2"},
		{"a cell of another type", "t.csv", "k,v,n\na,x,1\nb,y,many\n", `line 3: column "n": "many" is no integer`},
		{"a gzip file", "t.csv.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabf", "it is compressed (gzip); expected plain CSV or NDJSON: unpack it, for example with gzip -dk"},
		{"a zstd file by the name of a CSV file", "t.csv", "\x28\xb5\x2f\xfd\x00", "it is compressed (zstd)"},
		{"a binary file", "t.csv", "\x00\xff\x1b[2J\n", `the header has "\x00\xff\x1b[2J"`},
		{"a header name without end", "t.csv", strings.Repeat("long", 10_000) + "\n", `the header has "` + strings.Repeat("long", 10) + `"`},
		{"a cell that is not UTF-8", "t.csv", "k,v\na,x\nb,\"caf\xe9\"\n", `line 3, column 3: the cell of "v" is "caf\xe9", which is not UTF-8`},
		{"a key that is not UTF-8", "t.csv", "k,v\n\xe9,x\n", `line 2, column 1: the cell of "k"`},
		{"a text behind a cell over two lines that is not UTF-8", "t.csv", "u,k,v\n\"1\n2\",a,\xe9\n", `line 3, column 6: the cell of "v"`},
		{"a wanted column twice", "t.csv", "v,k,v\n1,a,2\n", `the header has "v" twice, as columns 1 and 3`},
		{"the key's column twice", "t.csv", "k,k,v\na,b,2\n", `the header has "k" twice, as columns 1 and 2`},
		{"a line that is not JSON", "t.ndjson", "{\"k\":1}\n{\n", "line 2: not_json"},
		{"a line that is no object", "t.ndjson", "[1]\n", "line 1: found a JSON array; expected an object"},
		{"a line without the key", "t.ndjson", "{\"v\":1}\n", "line 1: the key k is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Config{Path: c.path, Key: "k", Columns: []string{"v"}}
			if strings.Contains(c.text, ",n\n") {
				config.Columns, config.Types = []string{"n"}, map[string]Type{"n": TypeInteger}
			}
			_, err := Parse(config, []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if len(err.Error()) > 300 || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\x1b") {
				t.Errorf("a message of %d bytes, not fit for a terminal: %q", len(err.Error()), err)
			}
		})
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none.csv")} {
		if _, err := Load(Config{Path: path, Key: "k"}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error with %s", err, path)
		}
	}
}

func TestEqualValuesAreKeptOnce(t *testing.T) {
	var text strings.Builder
	text.WriteString("k,v\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "%d,the same long value that would take much memory\n", i)
	}
	table, err := Parse(Config{Path: "t.csv", Key: "k", Columns: []string{"v"}}, []byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := table.Find([]byte("1"))
	b, _ := table.Find([]byte("999"))
	if &a[0][0] != &b[0][0] {
		t.Error("two rows have a copy each of the same value")
	}
	if table.Len() != 1000 || table.Bytes() > 100_000 {
		t.Errorf("%d rows of %d bytes", table.Len(), table.Bytes())
	}
}

// TestCountries reads a real table, with quoted cells and Namibia.
func TestCountries(t *testing.T) {
	path := filepath.Join(filepath.Dir(os.Getenv("SLUICE_CORPUS")), "lookup", "country-codes.csv")
	if _, err := os.Stat(path); os.Getenv("SLUICE_CORPUS") == "" || err != nil {
		t.Skip("set SLUICE_CORPUS to a folder of corpora that has lookup/country-codes.csv beside it")
	}
	table, err := Load(Config{Path: path, Key: "ISO3166-1-Alpha-2", Columns: []string{"official_name_en", "Dial"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := row(table, "NA"), `"Namibia" "264"`; got != want {
		t.Errorf("NA is %s, want %s", got, want)
	}
	if table.Len() != 249 {
		t.Errorf("%d rows, want 249", table.Len())
	}
}

func FuzzParse(f *testing.F) {
	f.Add("t.csv", "k,v\na,\"x\"\n")
	f.Add("t.ndjson", "{\"k\":1,\"v\":[1]}\n")
	f.Add("t", "\ufeffk\tv\n")
	f.Fuzz(func(t *testing.T, path, text string) {
		table, err := Parse(Config{Path: path, Key: "k", Columns: []string{"v"}}, []byte(text))
		if err != nil {
			return
		}
		for key := range table.rows {
			if values, ok := table.Find([]byte(key)); !ok || len(values) != 1 {
				t.Errorf("row %q is %q, %v", key, values, ok)
			}
		}
	})
}
