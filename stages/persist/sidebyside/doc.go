// Package sidebyside measures ways to do the same work, for benchmarks: in
// turns, so that what slows the machine down slows all of them, and by the median
// over the turns. Only ratios that come out of one run mean anything.
package sidebyside
