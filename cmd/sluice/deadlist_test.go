package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// manyLetters are dead letters that tell how much of a list is printed when half of
// them are read.
type manyLetters struct {
	api.DeadLetters
	count int
	out   *bytes.Buffer
	half  int
}

func (m *manyLetters) Each(_ context.Context, f pipeline.LetterFilter, _ api.LetterForm, visit func(int64, []byte) error) error {
	for id := int64(1); id <= int64(min(m.count, f.Limit)); id++ {
		if id == int64(m.count/2) {
			m.half = m.out.Len()
		}
		l := deadletter.Stored{ID: id, Letter: deadletter.Letter{Stage: "validate", Code: "schema", Lane: "low", Message: "<because>"}}
		if err := visit(id, l.AppendBrief(nil)); err != nil {
			return err
		}
	}
	return nil
}

func TestAListIsPrintedAsItIsRead(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		letters := &manyLetters{count: 6 * listBlock, out: &out}
		if err := listDead(t.Context(), &out, deadOptions{json: asJSON}, &deadPlace{DeadLetters: letters}, pipeline.LetterFilter{Limit: 5 * listBlock}); err != nil {
			t.Fatal(err)
		}
		if letters.half < out.Len()/3 {
			t.Errorf("json %v: of %d bytes %d are printed when half of the letters are read", asJSON, out.Len(), letters.half)
		}
		if asJSON {
			var page api.LetterPage
			if err := json.Unmarshal(out.Bytes(), &page); err != nil || len(page.DeadLetters) != 5*listBlock || page.Next != 5*listBlock {
				t.Errorf("%d letters, next %d, %v", len(page.DeadLetters), page.Next, err)
			}
		} else if n := strings.Count(out.String(), "<because>"); n != 5*listBlock || !strings.HasSuffix(out.String(), "there are more: --after 5000\n") {
			t.Errorf("%d letters, at the end %q", n, out.String()[out.Len()-40:])
		}
	}
}

func TestAListWithoutLettersIsAPageToo(t *testing.T) {
	var out bytes.Buffer
	if err := listDead(t.Context(), &out, deadOptions{json: true}, &deadPlace{DeadLetters: &manyLetters{}}, pipeline.LetterFilter{}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"dead_letters\": [],\n  \"next\": 0\n}\n"; out.String() != want {
		t.Errorf("got %s", out.String())
	}
}
