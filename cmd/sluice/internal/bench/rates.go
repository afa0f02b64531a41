package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"sluice/pipeline"
)

// ParseRates reads --rate: one number, which the lanes divide by the mix, or
// lane=number pairs, whose own ratio byLane is then.
func ParseRates(text string, mix [pipeline.LaneCount]float64) (rates [pipeline.LaneCount]Rate, byLane *[pipeline.LaneCount]float64, err error) {
	if strings.Contains(text, "=") {
		return ratesByLane(text)
	}
	total, err := parseRate(text)
	if err != nil {
		return rates, nil, err
	}
	sum := 0.0
	for _, share := range mix {
		sum += share
	}
	for l, share := range mix {
		if share > 0 {
			rates[l] = Rate{Value: total.Value * share / sum, Multiple: total.Multiple}
		}
	}
	return rates, nil, nil
}

// ratesByLane reads lane=number pairs. The shares are the rates; a lane that goes
// as fast as it can has as much as all the others together.
func ratesByLane(text string) (rates [pipeline.LaneCount]Rate, _ *[pipeline.LaneCount]float64, err error) {
	var shares [pipeline.LaneCount]float64
	var free []pipeline.Lane
	sum := 0.0
	err = pairs(text, "=", "low=200000", func(lane pipeline.Lane, value string) error {
		r, err := parseRate(value)
		if err != nil {
			return fmt.Errorf("%v: %w", lane, err)
		}
		rates[lane], shares[lane] = r, r.Value
		sum += r.Value
		if r.Value == 0 {
			free = append(free, lane)
		}
		return nil
	})
	for _, lane := range free {
		shares[lane] = max(1, sum)
	}
	return rates, &shares, err
}

// The bounds of a rate: what a schedule can count with.
const (
	leastRate    = 0.001
	mostRate     = 1e9
	mostMultiple = 1000
)

func most(multiple bool) float64 {
	if multiple {
		return mostMultiple
	}
	return mostRate
}

// parseRate reads 50000, 0 or 2x.
func parseRate(text string) (Rate, error) {
	number, multiple := strings.CutSuffix(strings.TrimSpace(text), "x")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(v) || v < 0 || multiple && v == 0 {
		return Rate{}, fmt.Errorf("%q; expected records a second such as 50000, 0 for as fast as it goes, or a multiple of what the pipeline can take such as 2x", text)
	}
	if most := most(multiple); v > most || v > 0 && v < leastRate {
		return Rate{}, fmt.Errorf("%q; expected %v to %.0f", text, leastRate, most)
	}
	return Rate{Value: v, Multiple: multiple}, nil
}

// ParseMix reads --mix: lane=share pairs, of which only the ratio matters.
func ParseMix(text string) (mix [pipeline.LaneCount]float64, err error) {
	err = pairs(text, "=", "critical=1,low=99", func(lane pipeline.Lane, value string) error {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(v) || v <= 0 || v > mostRate {
			return fmt.Errorf("%v: %q; expected a number above 0 and at most %.0f, the lane's share", lane, value, mostRate)
		}
		mix[lane] = v
		return nil
	})
	return mix, err
}

// pairs calls take for each lane and its value in a list with commas.
func pairs(text, separator, example string, take func(pipeline.Lane, string) error) error {
	var seen [pipeline.LaneCount]bool
	for pair := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), separator)
		if !ok {
			return fmt.Errorf("%q; expected lanes and values such as %s", pair, example)
		}
		lane, err := pipeline.ParseLane(name)
		if err != nil {
			return err
		}
		if seen[lane] {
			return fmt.Errorf("the lane %v stands there twice", lane)
		}
		seen[lane] = true
		if err := take(lane, value); err != nil {
			return err
		}
	}
	return nil
}
