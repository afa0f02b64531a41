package bench

// chartWidth is how many characters a chart has at most.
const chartWidth = 60

// bars are the levels of a chart, from nothing to full.
var bars = []rune(" ▁▂▃▄▅▆▇█")

// sparkline draws values in at most width characters, of which each stands for
// the highest of its values. Anything above nothing shows.
func sparkline(values []int, full, width int) string {
	n := min(len(values), width)
	line := make([]rune, n)
	for i := range line {
		highest := 0
		for _, v := range values[i*len(values)/n : (i+1)*len(values)/n] {
			highest = max(highest, v)
		}
		line[i] = bar(highest, full)
	}
	return string(line)
}

func bar(v, full int) rune {
	if v <= 0 || full <= 0 {
		return bars[0]
	}
	top := len(bars) - 1
	return bars[min(top, max(1, (v*top+full/2)/full))]
}
