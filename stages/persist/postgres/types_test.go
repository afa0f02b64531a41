package postgres

import (
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Each value goes through the server, which says in its own words what it has.
func TestValuesAreStoredAsTheServerReadsThem(all *testing.T) {
	huge := "1" + strings.Repeat("0", 131071)
	var p *place // of the cases with one type of column, one behind the other: to make it takes longest
	var d *DB
	made := ""
	for _, c := range []struct {
		typ      row.Type
		declared string // "" for what sluice makes
		in, want string // want "" when it does not fit
	}{
		{"text", "", `"aé\n\"b\"\\"`, "aé\n\"b\"\\"},
		{"text", "", `""`, ""},
		{"text", "", `1.50e3`, "1.50e3"},
		{"text", "", `true`, "true"},
		{"text", "", `"a\u0000b"`, ""},
		{"text", "", `[1]`, ""},
		{"text", "varchar(3)", `"abc"`, "abc"},
		{"text", "character(3)", `"ab"`, "ab "},
		{"integer", "", `-9223372036854775808`, "-9223372036854775808"},
		{"integer", "", `1e2`, "100"},
		{"integer", "", `9223372036854775808`, ""},
		{"integer", "", `1.5`, ""},
		{"integer", "integer", `-2147483648`, "-2147483648"},
		{"integer", "integer", `2147483648`, ""},
		{"integer", "smallint", `32767`, "32767"},
		{"integer", "smallint", `-32769`, ""},
		{"integer", "numeric", `-9223372036854775808`, "-9223372036854775808"},
		{"integer", "numeric", `0`, "0"},
		{"integer", "numeric(12,2)", `10000`, "10000.00"},
		{"real", "", `0.1`, "0.1"},
		{"real", "", `-0.0`, "-0"},
		{"real", "", `1e400`, ""},
		{"real", "real", `0.1`, "0.1"},
		{"real", "real", `1e39`, ""},
		{"numeric", "", `0.1`, "0.1"},
		{"numeric", "", `1.50`, "1.50"},
		{"numeric", "", `-12345678901234567890.123456789`, "-12345678901234567890.123456789"},
		{"numeric", "", `1.50e3`, "1500"},
		{"numeric", "", `1.5e-7`, "0.00000015"},
		{"numeric", "", `123456e-2`, "1234.56"},
		{"numeric", "", `9999.9999`, "9999.9999"},
		{"numeric", "", `0.00010001`, "0.00010001"},
		{"numeric", "", `-0`, "0"},
		{"numeric", "", `0.000`, "0.000"},
		{"numeric", "", `0e999999`, "0"},
		{"numeric", "", `1e131071`, huge},
		{"numeric", "", `1e131072`, ""},
		{"numeric", "", `1e-16384`, ""},
		{"numeric", "", `1e99999999999999999999`, ""},
		{"numeric", "", `"1.5"`, ""},
		{"numeric", "numeric(4,1)", `12.25`, "12.3"},
		{"real", "", `1e-400`, ""},
		{"real", "", `0e-400`, "0"},
		{"real", "", `5e-324`, "5e-324"},
		{"real", "", `1.7976931348623157e308`, "1.7976931348623157e+308"},
		{"real", "", `"NaN"`, ""},
		{"real", "real", `1e-46`, ""},
		{"real", "real", `-0.0`, "-0"},
		{"integer", "", `-0`, "0"},
		{"integer", "", `1e400`, ""},
		{"integer", "smallint", `1.0e1`, "10"},
		{"numeric", "", `"NaN"`, ""},
		{"numeric", "", `1e-16383`, "0." + strings.Repeat("0", 16382) + "1"},
		{"numeric", "", `-1e-3`, "-0.001"},
		{"boolean", "", `true`, "t"},
		{"boolean", "", `false`, "f"},
		{"boolean", "", `0`, ""},
		{"timestamp", "", `"2024-01-01T02:00:00.25+02:00"`, "2024-01-01 00:00:00.25+00"},
		{"timestamp", "", `"1999-12-31T23:59:59.999999Z"`, "1999-12-31 23:59:59.999999+00"},
		{"timestamp", "", `"2024-01-01T00:00:00.9999995Z"`, "2024-01-01 00:00:01+00"},
		{"timestamp", "", `"2016-12-31T23:59:60Z"`, "2017-01-01 00:00:00+00"},
		{"timestamp", "", `"0000-01-01T00:00:00Z"`, "0001-01-01 00:00:00+00 BC"},
		{"timestamp", "", `"9999-12-31T23:59:59Z"`, "9999-12-31 23:59:59+00"},
		{"timestamp", "", `"9999-12-31T23:59:59-01:00"`, ""},
		{"timestamp", "", `"2024-02-30T00:00:00Z"`, ""},
		{"timestamp", "timestamp", `"2024-01-01T02:00:00+02:00"`, "2024-01-01 00:00:00"},
		{"timestamp", "", `"infinity"`, ""},
		{"timestamp", "", `"-infinity"`, ""},
		{"timestamp", "", `"0000-01-01T00:00:00+14:00"`, ""},
		{"timestamp", "", `"1969-12-31T23:59:59.9999995Z"`, "1970-01-01 00:00:00+00"},
		{"timestamp", "", `"9999-12-31T23:59:59.9999995Z"`, ""},
		{"timestamp", "timestamptz(0)", `"2024-01-01T00:00:00.5Z"`, "2024-01-01 00:00:01+00"},
		{"timestamp", "", `"2024-01-01 00:00:00Z"`, ""},
		{"date", "", `"0000-02-29"`, "0001-02-29 BC"},
		{"date", "", `"9999-12-31"`, "9999-12-31"},
		{"date", "", `"-0001-01-01"`, ""},
		{"date", "", `"infinity"`, ""},
		{"date", "", `"2024-02-29"`, "2024-02-29"},
		{"date", "", `"0001-01-01"`, "0001-01-01"},
		{"date", "", `"2023-02-29"`, ""},
		{"date", "", `"2024-02-29T00:00:00Z"`, ""},
		{"uuid", "", `"0191C2F0-0000-7000-8000-00000000000a"`, "0191c2f0-0000-7000-8000-00000000000a"},
		{"uuid", "", `"0191c2f000007000800000000000000a"`, "0191c2f0-0000-7000-8000-00000000000a"},
		{"uuid", "", `"0191c2f0-0000-7000-8000-00000000000g"`, ""},
		{"inet", "", `"10.20.30.40"`, "10.20.30.40"},
		{"inet", "", `"10.20.30.40/8"`, "10.20.30.40/8"},
		{"inet", "", `"2001:DB8::1"`, "2001:db8::1"},
		{"inet", "", `"::ffff:1.2.3.4"`, "::ffff:1.2.3.4"},
		{"inet", "", `"fe80::1%eth0"`, ""},
		{"uuid", "", `"{0191c2f0-0000-7000-8000-00000000000a}"`, ""},
		{"uuid", "", `"urn:uuid:0191c2f0-0000-7000-8000-00000000000a"`, ""},
		{"uuid", "", `"0191c2f00000-7000-8000-00000000000a----"`, ""},
		{"inet", "", `"10.20.30.40/33"`, ""},
		{"inet", "", `"10.20.30.40/32"`, "10.20.30.40"},
		{"inet", "", `"10.20.30.40/0"`, "10.20.30.40/0"},
		{"inet", "", `"2001:db8::1/64"`, "2001:db8::1/64"},
		{"inet", "cidr", `"10.20.0.0/16"`, "10.20.0.0/16"},
		{"inet", "cidr", `"10.20.30.40"`, "10.20.30.40/32"},
		{"inet", "cidr", `"2001:db8::/32"`, "2001:db8::/32"},
		{"inet", "cidr", `"10.20.30.40/16"`, ""},
		{"inet[]", "cidr[]", `["10.0.0.0/8", null]`, "{10.0.0.0/8,NULL}"},
		{"inet", "", `"10.20.30"`, ""},
		{"inet", "", `"10.20.30.400"`, ""},
		{"json", "", `{"b": [1.0, null], "a": "\ud83d\ude00\\u0000"}`, `{"a": "😀\\u0000", "b": [1.0, null]}`},
		{"json", "", `"a\u0000"`, ""},
		{"json", "", `"\ud800"`, ""},
		{"json", "", `"\udc00"`, ""},
		{"json", "", `"\ud800\u0041"`, ""},
		{"json", "json", `{"b": 1.0,  "a": "\u0000"}`, `{"b": 1.0,  "a": "\u0000"}`},
		{"json", "text", `{"b": 1.0}`, `{"b": 1.0}`},
		{"text[]", "", `["a", null, "NULL", 1]`, `{a,NULL,"NULL",1}`},
		{"text[]", "", `[]`, `{}`},
		{"text[]", "", `"a"`, ""},
		{"text[]", "", `[["a"]]`, ""},
		{"text[]", "", `[null, null]`, `{NULL,NULL}`},
		{"text[]", "", `["a\u0000"]`, ""},
		{"integer[]", "", `[[1], [2]]`, ""},
		{"json[]", "", `[[1, [2]]]`, `{"[1, [2]]"}`},
		{"json[]", "", `["\u0000"]`, ""},
		{"integer[]", "", `[1, -2]`, `{1,-2}`},
		{"integer[]", "integer[]", `[2147483648]`, ""},
		{"integer[]", "", `[1, "2"]`, ""},
		{"real[]", "", `[0.5]`, `{0.5}`},
		{"numeric[]", "", `[0.50, 1e3]`, `{0.50,1000}`},
		{"boolean[]", "", `[true, null]`, `{t,NULL}`},
		{"timestamp[]", "", `["2024-01-01T00:00:00Z"]`, `{"2024-01-01 00:00:00+00"}`},
		{"date[]", "", `["2024-01-01"]`, `{2024-01-01}`},
		{"uuid[]", "", `["0191c2f000007000800000000000000a"]`, `{0191c2f0-0000-7000-8000-00000000000a}`},
		{"inet[]", "", `["::1"]`, `{::1}`},
		{"json[]", "", `[{"a": 1}, null, [2]]`, `{"{\"a\": 1}",NULL,[2]}`},
	} {
		name := string(c.typ) + " " + c.declared + " takes " + c.in
		if len(name) > 80 {
			name = name[:80]
		}
		all.Run(name, func(t *testing.T) {
			if key := string(c.typ) + " " + c.declared; key != made {
				if d != nil {
					d.disconnect()
				}
				p = newPlace(all, row.Columns{{Name: "v", Type: c.typ}}, "", "")
				if c.declared != "" {
					p.exec("CREATE TABLE events (v " + c.declared + ")")
				}
				d, made = p.open(), key
			}
			p.TB = t
			p.exec("DELETE FROM events")
			b := encode(t, d, `{"v":`+c.in+`}`, `{"v":null}`, `{}`)
			refused := b.Record(0).Err()
			p.write(d, b)
			fits := c.want != "" || c.in == `""`
			if fits != (refused == nil) {
				t.Fatalf("refused: %v", refused)
			}
			if !fits {
				if refused.Code != pipeline.CodeColumnType || refused.Pointer != "/v" || !strings.Contains(refused.Message, "column v takes ") {
					t.Errorf("got %v", refused)
				}
				p.expect("SELECT count(*), count(v) FROM events", "2 0")
				return
			}
			p.expect("SET timezone = 'UTC'; SELECT v FROM events", c.want, "NULL", "NULL")
		})
	}
}

func TestARecordWithoutColumnsIsKeptWhole(t *testing.T) {
	p := newPlace(t, nil, "", "")
	d := p.open()
	p.write(d, encode(t, d, `{"a":1.0, "b":[]}`, `{"a":"\u0000"}`))
	p.expect("SELECT id, lane, received_at IS NOT NULL, data FROM events", `1 normal t {"a": 1.0, "b": []}`)
	p.expect("SELECT code, record FROM dead_letters", `column_type {"a":"\u0000"}`)
}

func TestTheLineAsItCameInGoesIntoMoreThanText(t *testing.T) {
	line := `{"n": 1.0,  "more":"\u0041"}`
	for declared, want := range map[string]string{
		"text": "1 {} " + line, "varchar": "1 {} " + line, "json": "1 {} " + line,
		"jsonb": `1 {} {"n": 1.0, "more": "A"}`, "bytea": fmt.Sprintf(`1 {} \x%x`, line),
	} {
		t.Run(declared, func(t *testing.T) {
			p := newPlace(t, row.Columns{{Name: "n", Type: "integer"}, {Name: "m", Type: "text", From: "more"}}, "rest", "raw")
			p.exec("CREATE TABLE events (n bigint, m text, rest json, raw " + declared + ")")
			d := p.open()
			p.write(d, encode(t, d, line))
			p.expect("SELECT n, rest, raw FROM events", want)
		})
	}
}

func TestDomainsTakeWhatTheirTypeTakes(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "n", Type: "integer", Key: true}, {Name: "s", Type: "text"}}, "", "")
	p.exec("CREATE DOMAIN small AS integer CHECK (VALUE < 100)", "CREATE TABLE events (n small PRIMARY KEY, s text)")
	d := p.open()
	p.write(d, encode(t, d, `{"n":1,"s":"a"}`, `{"n":100}`, `{"n":1,"s":"b"}`))
	p.expect("SELECT * FROM events", "1 b")
	p.expect("SELECT code FROM dead_letters", "constraint")
}

// Columns of a table that is there take what their type takes, and what they
// refuse is a dead letter for its record alone.
func TestColumnsOfAnExistingTableKeepTheirRules(t *testing.T) {
	for name, c := range map[string]struct {
		typ   row.Type
		setup []string
		lines []string
		want  []string
		dead  string // codes and part of the message of the last line
	}{
		"an enum": {"text", []string{"CREATE TYPE mood AS ENUM ('calm', 'busy')", "CREATE TABLE events (v mood)"},
			[]string{`{"v":"calm"}`, `{}`, `{"v":"wild"}`}, []string{"calm", "NULL"}, `column_type invalid input value for enum mood: "wild"`},
		"a text of some length": {"text", []string{"CREATE TABLE events (v varchar(3))"},
			[]string{`{"v":"abc"}`, `{"v":"ab "}`, `{"v":"abcd"}`}, []string{"abc", "ab "}, "column_type value too long for type character varying(3)"},
		"a text of one length": {"text", []string{"CREATE TABLE events (v char(3))"},
			[]string{`{"v":"abc"}`, `{"v":"é"}`, `{"v":"abcd"}`}, []string{"abc", "é  "}, "column_type value too long for type character(3)"},
		"a number of some digits": {"numeric", []string{"CREATE TABLE events (v numeric(4,2))"},
			[]string{`{"v":12.345}`, `{"v":-0.004}`, `{"v":100}`}, []string{"12.35", "0.00"}, "column_type numeric field overflow"},
		"a default": {"integer", []string{"CREATE TABLE events (v bigint NOT NULL DEFAULT 7)"},
			[]string{`{"v":1}`, `{"v":null}`}, []string{"1"}, "constraint null value in column"},
		"an identity that takes values": {"integer", []string{"CREATE TABLE events (v bigint GENERATED BY DEFAULT AS IDENTITY)"},
			[]string{`{"v":5}`, `{}`}, []string{"5"}, "constraint null value in column"},
		"a domain of a domain": {"text", []string{"CREATE DOMAIN word AS varchar(5) CHECK (VALUE <> '')", "CREATE TABLE events (v word)"},
			[]string{`{"v":"five5"}`, `{"v":""}`}, []string{"five5"}, "constraint value for domain word violates check constraint"},
		"a list within a domain": {"integer[]", []string{"CREATE DOMAIN few AS integer[] CHECK (cardinality(VALUE) < 3)", "CREATE TABLE events (v few)"},
			[]string{`{"v":[1,2]}`, `{"v":[1,2,3]}`}, []string{"{1,2}"}, "constraint value for domain few violates check constraint"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, row.Columns{{Name: "v", Type: c.typ}}, "", "")
			p.exec(c.setup...)
			d := p.open()
			p.write(d, encode(t, d, c.lines...))
			p.expect("SELECT v FROM events", c.want...)
			dead := p.query("SELECT code, message, record FROM dead_letters")
			code, message, _ := strings.Cut(c.dead, " ")
			if len(dead) != 1 || !strings.HasPrefix(dead[0], code+" ") || !strings.Contains(dead[0], message) || !strings.HasSuffix(dead[0], c.lines[len(c.lines)-1]) {
				t.Errorf("got %q", dead)
			}
		})
	}
}
