package enrich_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

// block is a fenced block of docs/enrich.md.
type block struct {
	info, text string
	line       int
}

func readBlocks(t *testing.T, path string) []block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	open := false
	for i, line := range strings.SplitAfter(string(text), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !open:
			blocks, open = append(blocks, block{info: strings.TrimSpace(info), line: i + 1}), true
		case fence:
			open = false
		case open:
			blocks[len(blocks)-1].text += line
		}
	}
	return blocks
}

// TestReferenceExamples runs the examples of docs/enrich.md: a yaml block is a
// configuration, the text block after it records and what becomes of them, a
// block with a file name a table.
func TestReferenceExamples(t *testing.T) {
	dir := t.TempDir()
	var stage *enrich.Stage
	ran := 0
	for _, b := range readBlocks(t, "../../docs/enrich.md") {
		switch kind, name, _ := strings.Cut(b.info, " "); {
		case kind == "yaml":
			stage = newStage(t, b.text, dir)
		case kind == "text":
			ran += runExample(t, stage, b)
		case name != "":
			if err := os.WriteFile(filepath.Join(dir, name), []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ran < 20 {
		t.Errorf("the reference has %d examples that run; expected more", ran)
	}
}

func runExample(t *testing.T, stage *enrich.Stage, b block) (ran int) {
	t.Helper()
	in := ""
	for line := range strings.Lines(b.text) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "< "); ok {
			in = rest
			continue
		}
		want := strings.TrimPrefix(line, "> ")
		if got := fate(t, stage, in); compact(got) != compact(want) {
			t.Errorf("docs/enrich.md:%d\n< %s\n> %s\nwant\n> %s", b.line, in, got, want)
		}
		ran++
	}
	return ran
}

// fate runs one record through the stage and says what became of it.
func fate(t testing.TB, stage pipeline.Stage, line string) string {
	t.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, line)
	if err := stage.Process(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	r := b.Record(0)
	switch {
	case r.Live():
		return string(r.AppendJSON(nil))
	case r.Err() != nil:
		return fmt.Sprintf("dead %s %s", r.Err().Code, r.Err().Pointer)
	}
	return "filtered"
}

// compact takes the white space out of a JSON text; other text stays as it is.
func compact(text string) string {
	var b strings.Builder
	var raw json.RawMessage
	if json.Unmarshal([]byte(text), &raw) != nil {
		return text
	}
	inText := false
	for i := range len(text) {
		if text[i] == '"' && (i == 0 || text[i-1] != '\\') {
			inText = !inText
		}
		if inText || text[i] != ' ' {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
