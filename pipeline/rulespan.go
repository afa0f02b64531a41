package pipeline

import "fmt"

// RuleSpan is what decides a record's lane, and the position where it ends: the
// rule, and the limits within which a line is read for it; a line beyond them
// goes to the rule's default lane.
type RuleSpan struct {
	Until          int64    `json:"until"` // holds for records that start below; 0 for no end
	Rule           LaneRule `json:"rule"`
	MaxRecordBytes int      `json:"max_record_bytes"`
	MaxDepth       int      `json:"max_depth"`
}

// same says whether two spans choose alike.
func (s RuleSpan) same(o RuleSpan) bool {
	return s.Rule.equal(o.Rule) && s.MaxRecordBytes == o.MaxRecordBytes && s.MaxDepth == o.MaxDepth
}

// LineLimit returns how many bytes of a line a source must be able to hand to
// the intake whole when it goes on from p: max, or more where an earlier run
// took longer lines and their lanes must be found again.
func (p Progress) LineLimit(max int) int {
	for _, s := range p.Rules {
		if s.MaxRecordBytes > max {
			max = s.MaxRecordBytes
		}
	}
	return max
}

// ruleSpan is a span ready for use.
type ruleSpan struct {
	RuleSpan
	chooser laneChooser
}

// ruleSpans keeps the stored spans for what lies below the highest settled
// position, so that a lane's position still says which records it has had, and
// puts the new one above.
func ruleSpans(start Progress, now RuleSpan) ([]ruleSpan, error) {
	var kept []RuleSpan
	from := start.Frontier
	for _, s := range start.Rules {
		if s.Until == 0 || s.Until > start.High {
			s.Until = start.High
		}
		if s.Until > from {
			kept = append(kept, s)
			from = s.Until
		}
	}
	for len(kept) > 0 && kept[len(kept)-1].same(now) {
		kept = kept[:len(kept)-1] // the new one says the same there
	}
	var spans []ruleSpan
	for _, s := range append(kept, now) {
		setDefault(&s.MaxRecordBytes, now.MaxRecordBytes)
		setDefault(&s.MaxDepth, now.MaxDepth)
		chooser, err := s.Rule.compile()
		if err != nil {
			return nil, fmt.Errorf("lane rule of %s: %w", start.Name, err)
		}
		spans = append(spans, ruleSpan{s, chooser})
	}
	return spans, nil
}
