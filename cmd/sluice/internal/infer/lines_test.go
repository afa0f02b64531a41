package infer

import (
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
)

func TestReadGoesOnAfterWhatIsNoRecord(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", pipeline.DefaultMaxRecordBytes) + `"}`
	text := "\xEF\xBB\xBF{\"a\":1}\r\n\n  \nno\n" + long + "\n[1]\n{\"a\":2}\n{\"a\":3}"
	in := New()
	var skipped []string
	lines, err := in.Read(strings.NewReader(text), 0, func(s Skipped) { skipped = append(skipped, fmt.Sprint(s.Line, " ", s.Code)) })
	if err != nil || lines != 6 || in.Records() != 3 {
		t.Errorf("%d lines, %d records, %v; want 6 and 3", lines, in.Records(), err)
	}
	if got, want := strings.Join(skipped, ", "), "4 not_json, 5 too_long, 6 not_object"; got != want {
		t.Errorf("skipped %s, want %s", got, want)
	}
}

func TestReadTakesTheLongestLine(t *testing.T) {
	line := `{"a":"` + strings.Repeat("x", pipeline.DefaultMaxRecordBytes-8) + `"}`
	in := New()
	lines, err := in.Read(strings.NewReader(line+"\r\n"+line+"\n"), 0, func(s Skipped) { t.Error(s) })
	if err != nil || lines != 2 {
		t.Errorf("%d lines, %v", lines, err)
	}
}
