package summary

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"sluice/pipeline"
)

// MaxExamples is how many dead letters of each code are shown.
const MaxExamples = 3

// How many characters of a message and of a pointer are shown.
const (
	maxMessage = 200
	maxPointer = 80
)

// Example is one dead letter that stands for those of its code.
type Example struct {
	Source  string
	Line    int64
	Pointer string
	Message string
}

// Examples keeps the first dead letters of each code that come by. Its memory
// is bounded by the number of codes. Safe for concurrent use.
type Examples struct {
	mu     sync.Mutex // guards byCode
	byCode map[pipeline.Code][]Example
}

// Observe looks at a batch; it is a pipeline.Config's OnBatch. A batch without
// dead letters costs nothing.
func (e *Examples) Observe(b *pipeline.Batch) {
	if b.Dead() == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for r := range b.DeadRecords() {
		err := r.Err()
		if known := e.byCode[err.Code]; len(known) < MaxExamples {
			if e.byCode == nil {
				e.byCode = map[pipeline.Code][]Example{}
			}
			e.byCode[err.Code] = append(known, newExample(r, err))
		}
	}
}

// newExample copies what it keeps: the record's memory is the pipeline's.
func newExample(r *pipeline.Record, err *pipeline.RecordError) Example {
	message := err.Message
	if message == "" && err.Err != nil {
		message = err.Err.Error()
	}
	return Example{
		Source:  strings.Clone(r.Source()),
		Line:    r.Line(),
		Pointer: clean(err.Pointer, maxPointer),
		Message: clean(message, maxMessage),
	}
}

// Of returns the examples of a code, in the order of their lines.
func (e *Examples) Of(code pipeline.Code) []Example {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := slices.Clone(e.byCode[code])
	slices.SortStableFunc(found, func(a, b Example) int { return int(a.Line - b.Line) })
	return found
}

// clean makes a text from a record safe for a terminal: one line, without
// control characters, at most limit characters.
func clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return unicode.ReplacementChar
	}, text)
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return text
}
