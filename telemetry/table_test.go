package telemetry

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"sluice/pipeline"
)

// TestTheDocumentedTablesAreTheCodes compares docs/metrics.md with table and with
// the values that attributes take, line by line.
func TestTheDocumentedTablesAreTheCodes(t *testing.T) {
	page, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		head string
		want []string
	}{
		{"| instrument |", documentedInstruments()},
		{"| attribute |", documentedAttributes()},
	} {
		got := rowsUnder(string(page), tc.head)
		if strings.Join(got, "\n") != strings.Join(tc.want, "\n") {
			t.Errorf("the table %q has the rows\n%s\nwant\n%s", tc.head, strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
		}
	}
}

func documentedInstruments() (rows []string) {
	for _, s := range table {
		attributes := "none"
		if len(s.attributes) > 0 {
			attributes = quoted(s.attributes)
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | `%s` | %s | `%s` | %s |",
			s.name, s.kind, s.unit, attributes, s.prometheus, strings.TrimSuffix(s.help, ".")))
	}
	return rows
}

func documentedAttributes() (rows []string) {
	var lanes []string
	for l := range pipeline.Lane(pipeline.LaneCount) {
		lanes = append(lanes, l.String())
	}
	var reasons []string
	for r := range pipeline.DropReasonCount {
		reasons = append(reasons, r.String())
	}
	for _, row := range []struct {
		key    attribute.Key
		values string
	}{
		{keyStage, "`validate`, `enrich`, `persist`; `" + nameSink + "` for `" + table[stageBusy].name + "` and `" + table[stageBreaker].name + "`, `" + nameSource + "` and `" + nameRate + "` for `" + table[pipelineBottleneck].name + "`"},
		{keyLane, quoted(lanes)},
		{keyOutcome, quoted(outcomeNames[:])},
		{keyReason, quoted(reasons)},
		{keyActivity, quoted(activityNames[:])},
		{keyState, quoted(states[:])},
		{keyBreaker, quoted(pipeline.BreakerStates)},
	} {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", row.key, row.values))
	}
	return rows
}

func quoted[S ~string](names []S) string {
	var out []string
	for _, name := range names {
		out = append(out, "`"+string(name)+"`")
	}
	return strings.Join(out, ", ")
}

// rowsUnder returns the rows of the Markdown table that begins with head.
func rowsUnder(page, head string) []string {
	_, rest, _ := strings.Cut(page, "\n"+head)
	var rows []string
	for i, line := range strings.Split(rest, "\n") {
		switch {
		case i < 2: // the rest of the head, and the rule below it
		case strings.HasPrefix(line, "|"):
			rows = append(rows, line)
		default:
			return rows
		}
	}
	return rows
}

func TestEveryInstrumentIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range table {
		if s.name == "" || s.unit == "" || s.unit == "1" || s.help == "" || s.prometheus == "" || seen[s.name] {
			t.Errorf("the row of %q lacks something or stands twice: %+v", s.name, s)
		}
		seen[s.name] = true
	}
}
