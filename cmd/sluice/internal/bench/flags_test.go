package bench

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"sluice/pipeline"
)

func parsed(t *testing.T, args string) (Plan, error) {
	t.Helper()
	flags := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var f Flags
	f.Register(flags)
	if err := flags.Parse(strings.Fields(args)); err != nil {
		t.Fatal(err)
	}
	return f.Plan()
}

func TestFlagsMakeAPlan(t *testing.T) {
	half := 500 * time.Millisecond
	for args, want := range map[string]Plan{
		"": {Shares: DefaultMix, Coupled: true, Duration: DefaultDuration, Slow: Slow{}, Seed: DefaultSeed},
		"--rate 1000 --mix high=1,normal=3 --records 80 --seed 7": {
			Shares: [4]float64{0, 1, 3, 0}, Rates: [4]Rate{{}, {Value: 250}, {Value: 750}, {}},
			Coupled: true, Records: 80, Slow: Slow{}, Seed: 7,
		},
		"--rate low=2x,critical=0.02x --duration 1m": {
			Shares: [4]float64{0.02, 0, 0, 2}, Rates: [4]Rate{{Value: 0.02, Multiple: true}, {}, {}, {Value: 2, Multiple: true}},
			Duration: time.Minute, Slow: Slow{}, Seed: DefaultSeed,
		},
		"--rate low=0,critical=500 --size 200..2KB": {
			Shares: [4]float64{500, 0, 0, 500}, Rates: [4]Rate{{Value: 500}, {}, {}, {}},
			Duration: DefaultDuration, Size: Sizes{200, 2000}, Slow: Slow{}, Seed: DefaultSeed,
		},
		"--slow-stage enrich=low:500ms,critical:5ms --slow-stage persist=500ms --size 300 --mix low=1 --through stdin": {
			Shares: [4]float64{0, 0, 0, 1}, Coupled: true, Duration: DefaultDuration, Size: Sizes{300, 300}, Stdin: true, Seed: DefaultSeed,
			Slow: Slow{"enrich": {5 * time.Millisecond, 0, 0, half}, "persist": {half, half, half, half}},
		},
	} {
		t.Run(args, func(t *testing.T) {
			got, err := parsed(t, args)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
			}
		})
	}
}

func TestEveryMistakeNamesItsFlag(t *testing.T) {
	for args, want := range map[string]string{
		"--rate fast":                           `--rate: "fast"; expected records a second`,
		"--rate -1":                             `--rate: "-1"; expected records`,
		"--rate 0x":                             `--rate: "0x"; expected records`,
		"--rate NaN":                            `--rate: "NaN"; expected records`,
		"--rate 1e18":                           `--rate: "1e18"; expected 0.001 to 1000000000`,
		"--rate Inf":                            `--rate: "Inf"; expected 0.001 to 1000000000`,
		"--rate 1e-300":                         `--rate: "1e-300"; expected 0.001 to`,
		"--rate low=2000x":                      `--rate: low: "2000x"; expected 0.001 to 1000`,
		"--mix low=1e308,high=1":                `--mix: low: "1e308"; expected a number above 0 and at most`,
		"--rate low=much":                       `--rate: low: "much"; expected records`,
		"--rate urgent=5":                       `--rate: unknown lane "urgent"`,
		"--rate low=5,low=6":                    "--rate: the lane low stands there twice",
		"--rate low=5,7":                        `--rate: "7"; expected lanes and values`,
		"--rate low=5 --mix low=1":              "--mix: --rate low=5 gives each lane its rate already",
		"--mix low":                             `--mix: "low"; expected lanes and values such as critical=1,low=99`,
		"--mix low=0":                           `--mix: low: "0"; expected a number above 0`,
		"--mix Low=1":                           `--mix: unknown lane "Low"`,
		"--records 0":                           "--records: 0; expected at least 1",
		"--records -3":                          "--records: -3; expected at least 1",
		"--duration 0s":                         "--duration: 0s; expected a time above 0",
		"--size big":                            `--size: "big"; expected bytes`,
		"--size 20":                             "--size: 20; generated records have 160 bytes to 16 MiB",
		"--size 1GiB":                           "--size: 1GiB; generated records have",
		"--size 500..200":                       `--size: "500..200" ends below where it starts`,
		"--sample no.ndjson":                    "--sample: stat no.ndjson: no such file",
		"--sample .":                            "--sample: . is a directory",
		"--sample flags.go --size 300":          "--size: the lines of --sample flags.go have their own sizes",
		"--slow-stage enrich":                   `--slow-stage: "enrich"; expected a stage and a time`,
		"--slow-stage enrich=5":                 `--slow-stage: enrich: "5"; expected a time with its unit`,
		"--slow-stage enrich=-1s":               `--slow-stage: enrich: "-1s"; expected a time`,
		"--slow-stage enrich=low:5":             `--slow-stage: enrich: low: "5"; expected a time`,
		"--slow-stage a=1s --slow-stage a=2s":   "--slow-stage: the stage a stands there twice",
		"--through file":                        `--through: "file"; expected intake or stdin`,
		"--through stdin":                       "--through: stdin is one pipe and takes one lane, found 2",
		"--through stdin --rate low=1,normal=1": "--through: stdin is one pipe",
	} {
		t.Run(args, func(t *testing.T) {
			if _, err := parsed(t, args); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	t.Run("all of them at once", func(t *testing.T) {
		_, err := parsed(t, "--rate x --records -1 --size x --slow-stage x --through x")
		for _, flag := range []string{"--rate", "--records", "--size", "--slow-stage", "--through"} {
			if err == nil || !strings.Contains(err.Error(), flag+": ") {
				t.Errorf("%s is not named in:\n%v", flag, err)
			}
		}
	})
}

func TestASlowStageMustExist(t *testing.T) {
	stages := []pipeline.StageConfig{{Name: "validate"}, {Name: "enrich"}}
	err := Slow{"enrihc": {}}.Check(stages)
	if err == nil || err.Error() != "there is no stage enrihc; expected validate, enrich" {
		t.Errorf("got %v", err)
	}
	if err := (Slow{"enrich": {}}).Check(stages); err != nil {
		t.Error(err)
	}
}

func TestThePlanAtACapacity(t *testing.T) {
	p, err := parsed(t, "--rate low=2x,critical=0.02x,normal=10 --records 1000")
	if err != nil {
		t.Fatal(err)
	}
	if !p.NeedsCapacity() {
		t.Error("a multiple needs no capacity")
	}
	c := p.Calibration(time.Second)
	if c.Shares != [4]float64{0.02, 0, 0, 2} || c.Rates != [4]Rate{} || !c.Coupled || c.Records != 0 || c.Duration != time.Second || c.Seed == p.Seed {
		t.Errorf("calibrates with %+v", c)
	}
	at := p.At(1000)
	if at.NeedsCapacity() || at.Rates != [4]Rate{{Value: 20}, {}, {Value: 10}, {Value: 2000}} {
		t.Errorf("at 1000 a second the rates are %+v", at.Rates)
	}
	var sum int64
	for l := range pipeline.Lane(pipeline.LaneCount) {
		if p.Shares[l] > 0 {
			sum += at.limit(l)
		}
	}
	if sum < 999 || sum > 1001 || at.limit(pipeline.LaneLow) < 50*at.limit(pipeline.LaneCritical) {
		t.Errorf("the lanes send %d records in all, low %d and critical %d; want 1000 in the ratio of the rates",
			sum, at.limit(pipeline.LaneLow), at.limit(pipeline.LaneCritical))
	}
}

func TestASampleIsReadByLane(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sample.ndjson")
	text := "{\"level\":\"fatal\",\"n\":1}\r\n\n  \n{\"level\":\"debug\",\"n\":2}\n{\"n\":3}\nnot JSON\n"
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	rule := pipeline.LaneRule{Field: "level", Map: map[string]pipeline.Lane{"fatal": pipeline.LaneCritical, "debug": pipeline.LaneLow}, Default: pipeline.LaneNormal}
	got, err := readSample(name, rule)
	if err != nil {
		t.Fatal(err)
	}
	for lane, want := range map[pipeline.Lane]string{
		pipeline.LaneCritical: `{"level":"fatal","n":1}`,
		pipeline.LaneLow:      `{"level":"debug","n":2}`,
		pipeline.LaneNormal:   `{"n":3}|not JSON`,
		pipeline.LaneHigh:     `{"level":"fatal","n":1}|{"level":"debug","n":2}|{"n":3}|not JSON`, // has none of its own
	} {
		var lines []string
		for _, line := range got[lane].list {
			lines = append(lines, string(line))
		}
		if strings.Join(lines, "|") != want {
			t.Errorf("%v gets %q, want %q", lane, lines, want)
		}
	}
}

func TestASampleThatCannotBeUsed(t *testing.T) {
	for text, want := range map[string]string{
		"":                 "has no whole line",
		"\n \n":            "has no whole line",
		"\x1f\x8b\x08 gz":  "is compressed",
		"\x28\xb5\x2f\xfd": "is compressed",
	} {
		name := filepath.Join(t.TempDir(), "sample.ndjson")
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := readSample(name, pipeline.DefaultLaneRule()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
