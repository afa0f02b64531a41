//go:build unix

package main

import "fmt"

// variation is what may change between two runs of a case.
type variation struct {
	rule int // of rules
	max  int // max_record_bytes
}

// rules choose the lane. The first is the one by which input.go knows lanes.
var rules = []string{
	"{field: level}",
	"{field: group, map: {a: critical, b: low}, default: normal}",
	"{default: high}",
	"{field: level, map: {critical: low, high: normal, low: critical}, default: high}",
}

// limits are values of max_record_bytes: one below the long lines, one above.
var limits = []int{longLine, 4 * longLine}

// holdBack is a rule that makes some lines dead letters until a replay without it.
const holdBack = "validate: {rules: {held: \"hold == true\"}}\n"

// yaml is the configuration of a run.
func (v variation) yaml(l layout, url string, held bool) string {
	text := fmt.Sprintf("source: {lane: %s, max_record_bytes: %dB}\npersist: {sink: %q, %s}\n", rules[v.rule], v.max, url, l.yaml())
	if held {
		text += holdBack
	}
	return text
}
