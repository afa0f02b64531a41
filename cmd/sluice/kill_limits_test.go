package main

import (
	"bytes"
	"fmt"
	"testing"
)

// TestAFileThatIsKilledComesInOnceThoughLimitsAndRulesChange raises and lowers
// what decides a record's lane between the kills.
func TestAFileThatIsKilledComesInOnceThoughLimitsAndRulesChange(t *testing.T) {
	inTemp(t, map[string]string{
		"in.ndjson":   numbered(records),
		"sluice.yaml": "persist: {sink: sqlite://out.db, table: t, columns: {n: integer, level: text}}\n",
	})
	ways := [][]string{
		{"run", "--lane-field", "level", "in.ndjson"},
		{"run", "--lane-field", "level", "--max-record-bytes", "78B", "in.ndjson"},
		{"run", "--max-record-bytes", "80B", "in.ndjson"},
	}
	killed := 0
	for killed < kills {
		before := rows("out.db")
		if !killAfter(t, start(t, nil, nil, nil, ways[killed%len(ways)]...), before+records/(6*kills)) {
			break
		}
		killed++
	}
	if killed < 3 {
		t.Fatalf("the process came to its end after %d kills; the file is too small for this machine", killed)
	}
	var stderr bytes.Buffer
	if got := code(t, start(t, nil, nil, &stderr, ways[1]...)); got != exitDone {
		t.Fatalf("exit %d\n%s", got, stderr.String())
	}
	// Of a line that was cut, the number is at its start.
	expectRows(t, "out.db", `SELECT count(*), count(DISTINCT n), min(n), max(n) FROM
		(SELECT n FROM t UNION ALL SELECT CAST(substr(record, 6) AS INTEGER) FROM dead_letters)`,
		fmt.Sprintf("%d|%d|0|%d", records, records, records-1))
	expectRows(t, "out.db", "SELECT count(*) > 0 FROM dead_letters WHERE code = 'too_long'", "1")
}
