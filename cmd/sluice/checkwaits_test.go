package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with the file of that name in testdata.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant, as in %s,\n%s", got, path, want)
	}
}

func TestCheckPrintsTheLongestWaits(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	inTemp(t, nil)
	golden(t, home+"/testdata/check_defaults.txt", checkedWaits(t))
}

// checkedWaits returns what sluice check prints behind the account of the
// configuration.
func checkedWaits(t *testing.T, args ...string) string {
	t.Helper()
	r := sluice(t, "", append([]string{"check"}, args...)...)
	_, table, ok := strings.Cut(r.stdout, "\n\n")
	if r.code != exitDone || !ok {
		t.Fatalf("exit %d", r.code)
	}
	return table
}

// The page's example is that of the program: its configuration, what sluice
// check prints for it, and the sums beneath.
func TestTheExampleOfThePageIsWhatTheFormulaGives(t *testing.T) {
	page, err := os.ReadFile("../../docs/lanes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(page), "### An example\n\n")
	if !ok {
		t.Fatal("docs/lanes.md has no example")
	}
	blocks := indented(example)
	inTemp(t, map[string]string{"sluice.yaml": blocks[0]})
	if got := strings.TrimSuffix(checkedWaits(t, "--service", "20us"), "\nOK\n"); got != blocks[1] {
		t.Errorf("the page shows\n%s\nsluice check prints\n%s", blocks[1], got)
	}
	loaded := config.Load(config.Input{Environ: map[string]string{}})
	enrich, persist := loaded.Pipeline().Stages[1], loaded.Pipeline().Stages[2]
	low, _ := enrich.RecordsBefore(pipeline.LaneLow)
	critical, _ := enrich.RecordsBefore(pipeline.LaneCritical)
	wait, _ := enrich.LongestWait(pipeline.LaneLow, 20*time.Microsecond)
	strict, _ := persist.LongestWait(pipeline.LaneLow, 20*time.Microsecond)
	for i, want := range []string{
		2: fmt.Sprintf(" = %s\nwait <= %[1]s x 20µs/3 + 256 x 20µs = %v\n", humanize.Comma(low), roundUp(wait)),
		3: fmt.Sprintf(" = %s\n", humanize.Comma(critical)),
		4: fmt.Sprintf(" = %v\n", roundUp(strict)),
	} {
		if !strings.HasSuffix(blocks[i], want) {
			t.Errorf("the page reckons\n%s\nwant it to end with\n%s", blocks[i], want)
		}
	}
}

// indented returns the blocks of a page that stand four spaces in.
func indented(page string) (blocks []string) {
	for part := range strings.SplitSeq(page, "\n\n") {
		if strings.HasPrefix(part, "    ") {
			blocks = append(blocks, strings.ReplaceAll("\n"+part, "\n    ", "\n")[1:]+"\n")
		}
	}
	return blocks
}

func TestCheckRefusesATimeThatIsNone(t *testing.T) {
	inTemp(t, nil)
	for args, want := range map[string]string{"--service 20": "a duration with its unit", "--service 0s": "expected more than 0"} {
		if r := sluice(t, "", append([]string{"check"}, strings.Fields(args)...)...); r.code != exitUsage || !strings.Contains(r.err.Error(), want) {
			t.Errorf("%s: exit %d with %v", args, r.code, r.err)
		}
	}
}

func TestAWaitIsRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 9_999: "9.999µs", 371_200_000: "371.2ms", 371_200_001: "371.3ms", 123_733_333: "123.8ms", 12_345_678_901: "12.35s", 72 * time.Minute: "1h12m0s",
	} {
		if got := roundUp(d).String(); got != want {
			t.Errorf("%d is shown as %s, want %s", d, got, want)
		}
	}
}
