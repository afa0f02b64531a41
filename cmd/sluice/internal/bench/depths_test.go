package bench

import (
	"testing"

	"sluice/pipeline"
)

func TestDepthsKeepTheDeepestOverAnyTime(t *testing.T) {
	for _, pictures := range []int{1, 119, 120, 121, 240, 241, 1000, 12_345} {
		d := newDepths()
		for i := range pictures {
			s := pipeline.Status{Stages: make([]pipeline.StageStatus, 1)}
			s.Stages[0].Lanes[pipeline.LaneLow].Depth = i + 1
			d.add(s)
		}
		all, deepest := d.of(0, pipeline.LaneLow)
		if deepest != pictures || len(all) > maxColumns || len(all) < min(pictures, maxColumns/2) {
			t.Errorf("%d pictures: %d columns, the deepest %d", pictures, len(all), deepest)
		}
		if each := int(d.interval / firstInterval); (len(all)-1)*each >= pictures || len(all)*each < pictures {
			t.Errorf("%d pictures: %d columns of %v do not add up to them", pictures, len(all), d.interval)
		}
		for i, v := range all {
			if each := int(d.interval / firstInterval); v != min((i+1)*each, pictures) {
				t.Errorf("%d pictures: column %d is %d, want %d", pictures, i, v, min((i+1)*each, pictures))
			}
		}
	}
}

func TestSparkline(t *testing.T) {
	for name, tt := range map[string]struct {
		values []int
		full   int
		want   string
	}{
		"nothing":                         {nil, 100, ""},
		"from nothing to full":            {[]int{0, 1, 25, 50, 75, 100}, 100, " ▁▂▄▆█"},
		"more than full":                  {[]int{300}, 100, "█"},
		"the highest of many":             {[]int{0, 0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 100, "█   "},
		"a single record in a large lane": {[]int{1}, 1 << 20, "▁"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sparkline(tt.values, tt.full, 4+2*min(1, len(tt.values)%12)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
