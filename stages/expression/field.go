package expression

import (
	"math"
	"strconv"
	"strings"

	"sluice/pipeline"
)

// step is one part of a field read: a key, or an index when key is nil.
type step struct {
	key   *string
	index int
}

// field is a field that an expression reads: a path and, from the first
// negative index on, what is left to walk by hand.
type field struct {
	path pipeline.Path
	tail []step
	name string // as a person writes it
}

// newField makes a field of the steps; the first of them is a key.
func newField(steps []step) (field, error) {
	f := field{name: stepsString(steps)}
	for i, s := range steps {
		if s.key == nil && s.index < 0 {
			steps, f.tail = steps[:i], steps[i:]
			break
		}
	}
	path, err := pipeline.ParsePath(stepsString(steps))
	f.path = path
	return f, err
}

// stepsString spells steps as pipeline.ParsePath reads them.
func stepsString(steps []step) string {
	var b strings.Builder
	for i, s := range steps {
		if s.key == nil {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(pipeline.KeyPath(*s.key).String())
	}
	return b.String()
}

// read returns the field of r.
func (f *field) read(r *pipeline.Record) pipeline.Value {
	v := r.Get(f.path)
	for _, s := range f.tail {
		switch {
		case s.key != nil:
			v = v.Member(*s.key)
		case v.Kind() != pipeline.KindArray:
			return pipeline.Value{}
		case s.index < 0:
			v = fromEnd(v, s.index)
		default:
			v = v.Element(s.index)
		}
	}
	return v
}

// fromEnd returns the element that a negative index counts from the end.
func fromEnd(v pipeline.Value, index int) pipeline.Value {
	if index += v.Len(); index < 0 {
		return pipeline.Value{}
	}
	return v.Element(index)
}

// isInteger says whether a JSON number is spelled without fraction and exponent.
func isInteger(json []byte) bool {
	for _, c := range json {
		if c == '.' || c == 'e' || c == 'E' {
			return false
		}
	}
	return true
}

// number is the value of a JSON number: an integer when it is spelled as one
// and fits, the nearest float otherwise, infinite where there is none.
func number(v pipeline.Value) Result {
	json := v.JSON()
	if isInteger(json) {
		if n, ok := shortInt(json); ok {
			return intResult(n)
		}
		if n, ok := v.Int64(); ok {
			return intResult(n)
		}
	}
	if f, ok := v.Float64(); ok {
		return floatResult(f)
	}
	if json[0] == '-' {
		return floatResult(math.Inf(-1))
	}
	return floatResult(math.Inf(1))
}

// shortInt reads an integer of up to 18 digits, which cannot overflow.
func shortInt(json []byte) (n int64, ok bool) {
	digits := json
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(json) {
		n = -n
	}
	return n, true
}
