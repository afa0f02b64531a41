package row_test

import (
	"context"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// encode returns the rows of one batch as JSON, and why the dead are dead.
func encode(t *testing.T, l *row.Layout, lines ...string) (rows, dead []string) {
	t.Helper()
	b := pipeline.NewBatch(pipeline.LaneHigh, lines...)
	if err := row.NewEncoder(l).Process(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	r := row.Take(b)
	defer r.Release()
	if r.Len() != b.Live() {
		t.Errorf("%d rows of %d live records", r.Len(), b.Live())
	}
	for i := range r.Len() {
		rows = append(rows, string(l.AppendJSON(nil, r, i)))
	}
	for d := range b.DeadRecords() {
		dead = append(dead, d.Err().Error())
	}
	return rows, dead
}

func layout(t *testing.T, columns row.Columns, rest, raw string) *row.Layout {
	t.Helper()
	l, err := row.NewLayout(columns, rest, raw)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestValuesBecomeTheTypeOfTheirColumn(t *testing.T) {
	for name, c := range map[string]struct {
		typ      row.Type
		in, want string // want "" when it does not fit
	}{
		"text takes a string":                    {row.TypeText, `"a\u00e9\n\"b\""`, `"aé\n\"b\""`},
		"text takes a string with NUL":           {row.TypeText, `"a\u0000b"`, `"a\u0000b"`},
		"text takes an empty string":             {row.TypeText, `""`, `""`},
		"text takes a number as spelled":         {row.TypeText, `1.50e3`, `"1.50e3"`},
		"text takes a boolean":                   {row.TypeText, `true`, `"true"`},
		"text takes no array":                    {row.TypeText, `[1]`, ``},
		"text takes no object":                   {row.TypeText, `{"a":1}`, ``},
		"integer takes a whole number":           {row.TypeInteger, `-42`, `-42`},
		"integer takes 1.0":                      {row.TypeInteger, `1.0`, `1`},
		"integer takes 1e2":                      {row.TypeInteger, `1e2`, `100`},
		"integer takes the largest":              {row.TypeInteger, `9223372036854775807`, `9223372036854775807`},
		"integer takes the smallest":             {row.TypeInteger, `-9223372036854775808`, `-9223372036854775808`},
		"integer takes no larger one":            {row.TypeInteger, `9223372036854775808`, ``},
		"integer takes no fraction":              {row.TypeInteger, `1.5`, ``},
		"integer takes no string":                {row.TypeInteger, `"1"`, ``},
		"integer takes no boolean":               {row.TypeInteger, `true`, ``},
		"real takes a number":                    {row.TypeReal, `0.1`, `0.1`},
		"real takes a whole number":              {row.TypeReal, `12`, `12`},
		"real takes no number beyond it":         {row.TypeReal, `1e400`, ``},
		"real takes no string":                   {row.TypeReal, `"1.5"`, ``},
		"boolean takes true":                     {row.TypeBoolean, `true`, `true`},
		"boolean takes false":                    {row.TypeBoolean, `false`, `false`},
		"boolean takes no number":                {row.TypeBoolean, `1`, ``},
		"boolean takes no string":                {row.TypeBoolean, `"true"`, ``},
		"timestamp takes RFC 3339":               {row.TypeTimestamp, `"2024-01-01T02:00:00.25+02:00"`, `"2024-01-01T00:00:00.25Z"`},
		"timestamp takes an escaped one":         {row.TypeTimestamp, `"2024\u002d01-01T00:00:00Z"`, `"2024-01-01T00:00:00Z"`},
		"timestamp takes no date":                {row.TypeTimestamp, `"2024-01-01"`, ``},
		"timestamp takes no number":              {row.TypeTimestamp, `1704067200`, ``},
		"json takes a string":                    {row.TypeJSON, `"a\u0062"`, `"a\u0062"`},
		"json takes an object as it is spelled":  {row.TypeJSON, `{"a": [1.0, null]}`, `{"a": [1.0, null]}`},
		"numeric takes a number as spelled":      {row.TypeNumeric, `1.50e3`, `1.50e3`},
		"numeric takes no string":                {row.TypeNumeric, `"1"`, ``},
		"date takes a date":                      {row.TypeDate, `"2024-02-29"`, `"2024-02-29"`},
		"date takes no day that is not":          {row.TypeDate, `"2023-02-29"`, ``},
		"date takes no timestamp":                {row.TypeDate, `"2024-02-29T00:00:00Z"`, ``},
		"uuid takes one in upper case":           {row.TypeUUID, `"0191C2F0-0000-7000-8000-00000000000A"`, `"0191c2f0-0000-7000-8000-00000000000a"`},
		"uuid takes one without hyphens":         {row.TypeUUID, `"0191c2f000007000800000000000000a"`, `"0191c2f0-0000-7000-8000-00000000000a"`},
		"uuid takes no hyphens elsewhere":        {row.TypeUUID, `"0191c2f00-000-7000-8000-00000000000a"`, ``},
		"inet takes an address":                  {row.TypeInet, `"10.0.0.1"`, `"10.0.0.1"`},
		"inet takes a prefix":                    {row.TypeInet, `"2001:DB8::1/64"`, `"2001:db8::1/64"`},
		"inet spells a whole prefix as address":  {row.TypeInet, `"10.0.0.1/32"`, `"10.0.0.1"`},
		"inet takes no zone":                     {row.TypeInet, `"fe80::1%eth0"`, ``},
		"a list takes elements and nulls":        {"integer[]", `[1, null, 1e2]`, `[1, null, 1e2]`},
		"a list takes nothing else":              {"integer[]", `[1, "2"]`, ``},
		"a list is no single value":              {"text[]", `"a"`, ``},
		"null is NULL, whatever the column's is": {row.TypeInteger, `null`, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			rows, dead := encode(t, layout(t, row.Columns{{Name: "v", Type: c.typ}}, "", ""), `{"v":`+c.in+`}`)
			got := strings.Join(rows, "")
			if c.want == "" && (len(dead) != 1 || !strings.HasPrefix(dead[0], "column_type at /v: /v is ")) {
				t.Errorf("got %s, dead %v; expected it not to fit", got, dead)
			}
			if c.want != "" && got != `{"v":`+c.want+`}` {
				t.Errorf("got %s, dead %v; expected %s", got, dead, c.want)
			}
		})
	}
}

func TestARecordThatDoesNotFitSaysWhatWasFoundAndExpected(t *testing.T) {
	l := layout(t, row.Columns{
		{Name: "id", Type: row.TypeText, Key: true}, {Name: "status", Type: row.TypeInteger}, {Name: "team", Type: row.TypeBoolean, From: `owner."a/b"[1]`},
	}, "", "")
	long := `"` + strings.Repeat("é", 60) + `"`
	rows, dead := encode(t, l,
		`{"id":"1","status":"abc"}`,
		`{"id":"2","status":200}`,
		`{"status":1}`,
		`{"id":null}`,
		`{"id":"5","owner":{"a/b":[0,1]}}`,
		`{"id":"6","status":`+long+`}`,
		`{"id":"7"}`)
	wantRows := []string{`{"id":"2","status":200,"team":null}`, `{"id":"7","status":null,"team":null}`}
	wantDead := []string{
		`column_type at /status: /status is "abc"; column status takes an integer`,
		`column_type at /id: key column id has no value; every row needs one`,
		`column_type at /id: key column id has no value; every row needs one`,
		`column_type at /owner/a~1b/1: /owner/a~1b/1 is 1; column team takes true or false`,
		`column_type at /status: /status is "` + strings.Repeat("é", 29) + `... (122 bytes); column status takes an integer`,
	}
	if strings.Join(rows, "\n") != strings.Join(wantRows, "\n") {
		t.Errorf("rows: got\n%s", strings.Join(rows, "\n"))
	}
	if strings.Join(dead, "\n") != strings.Join(wantDead, "\n") {
		t.Errorf("dead: got\n%s", strings.Join(dead, "\n"))
	}
}

func TestRestIsWhatHasNoColumnAndRawIsTheLine(t *testing.T) {
	l := layout(t, row.Columns{{Name: "a.b", Type: row.TypeInteger}, {Name: "team", Type: row.TypeText, From: "owner.team"}}, "data", "line")
	rows, dead := encode(t, l, `{ "a.b": 1, "owner": {"team": "x", "n": 1.0}, "c": [1, 2]}`)
	want := `{"a.b":1,"team":"x","data":{ "owner": {"n": 1.0}, "c": [1, 2]},"line":"{ \"a.b\": 1, \"owner\": {\"team\": \"x\", \"n\": 1.0}, \"c\": [1, 2]}"}`
	if len(dead) != 0 || strings.ReplaceAll(rows[0], "{ ", "{") != strings.ReplaceAll(want, "{ ", "{") {
		t.Errorf("got\n%s\nexpected\n%s\ndead %v", rows[0], want, dead)
	}
}

func TestRecordsWithoutColumnsAreKeptWhole(t *testing.T) {
	b := pipeline.NewBatch(pipeline.LaneHigh, `{"a":1.0}`, `{"a":2`)
	if err := b.Record(0).SetText(pipeline.MustPath("team"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	l := row.RecordLayout()
	if err := row.NewEncoder(l).Process(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	rows := row.Take(b)
	cells := rows.Row(0)
	if got := rows.Text(cells[0]) + " " + rows.Text(cells[2]); got != `high {"a":1.0,"team":"x"}` {
		t.Errorf("got %s", got)
	}
	if rows.Len() != 1 || b.Record(1).Err().Code != pipeline.CodeNotJSON {
		t.Errorf("%d rows, second record %v", rows.Len(), b.Record(1).Err())
	}
}

// What a panic broke off is cut away by the next call, and rows that were whole stay.
func TestEncodingGoesOnAfterAnInterruption(t *testing.T) {
	l := layout(t, row.Columns{{Name: "n", Type: row.TypeInteger}}, "", "")
	b := pipeline.NewBatch(0, `{"n":1}`)
	e := row.NewEncoder(l)
	if err := e.Process(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	rows := b.Payload.(*row.Rows)
	if err := l.Append(rows, b, b.Record(0)); err != nil {
		t.Fatal(err)
	}
	if rows.Len() != 2 || row.Take(b) != rows || row.Take(b) != nil {
		t.Errorf("%d rows", rows.Len())
	}
}

var benchLine = `{"id":"0191c2f0-0000-7000-8000-000000000001","ts":"2026-11-22T10:00:00.123Z","level":"info","service":"checkout","host":"web-0042","ip":"10.20.30.40","user_id":123456,"status":200,"duration_ms":12.5,"path":"/api/v1/orders/123","region":"eu-west","severity":9,"slow":false,"msg":"request done in time"}`

var benchColumns = row.Columns{
	{Name: "id", Type: row.TypeText}, {Name: "ts", Type: row.TypeTimestamp}, {Name: "level", Type: row.TypeText}, {Name: "service", Type: row.TypeText},
	{Name: "host", Type: row.TypeText}, {Name: "ip", Type: row.TypeText}, {Name: "user_id", Type: row.TypeInteger}, {Name: "status", Type: row.TypeInteger},
	{Name: "duration_ms", Type: row.TypeReal}, {Name: "path", Type: row.TypeText}, {Name: "region", Type: row.TypeText}, {Name: "severity", Type: row.TypeInteger},
	{Name: "slow", Type: row.TypeBoolean},
}

func benchBatch() *pipeline.Batch {
	lines := make([]string, 256)
	for i := range lines {
		lines[i] = benchLine
	}
	return pipeline.NewBatch(pipeline.LaneNormal, lines...)
}

func TestEncodingDoesNotAllocate(t *testing.T) {
	l, err := row.NewLayout(benchColumns, "data", "raw")
	if err != nil {
		t.Fatal(err)
	}
	b, rows := benchBatch(), l.NewRows()
	n := testing.AllocsPerRun(50, func() {
		for i := range b.Len() {
			if err := l.Append(rows, b, b.Record(i)); err != nil {
				t.Fatal(err)
			}
		}
		rows.Release()
		rows = l.NewRows()
	})
	if n > 64 { // some, because a pool may lose what it holds
		t.Errorf("%v allocations for 256 records", n)
	}
}

func BenchmarkEncode(b *testing.B) {
	for name, extra := range map[string][2]string{"columns": {}, "columns and raw": {"", "raw"}, "columns and rest": {"data", ""}} {
		b.Run(name, func(b *testing.B) {
			l, err := row.NewLayout(benchColumns, extra[0], extra[1])
			if err != nil {
				b.Fatal(err)
			}
			batch, e := benchBatch(), row.NewEncoder(l)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Process(ctx, batch); err != nil {
					b.Fatal(err)
				}
				row.Take(batch).Release()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/record")
		})
	}
}
