package expression

import "math"

// Kind is the type of a Result.
type Kind uint8

// The kinds of a result. Those up to kindBail end an evaluation.
const (
	KindMissing Kind = iota // a field was missing or null
	kindBail                // the closures give up; never seen outside
	KindNull
	KindBool
	KindInt
	KindFloat
	KindText
	KindJSON // a list or an object, as JSON
	kindList // a list of the record; never seen outside
	kindObject
	kindTime     // nanoseconds since 1970; becomes text outside
	kindDuration // nanoseconds; becomes text outside
)

// Result is the value of an expression. Text is valid until the machine's next
// evaluation, or until the record changes.
type Result struct {
	Kind Kind
	num  uint64
	text []byte
}

// Bool returns the value of a KindBool.
func (r Result) Bool() bool { return r.num != 0 }

// Int returns the value of a KindInt.
func (r Result) Int() int64 { return int64(r.num) }

// Float returns the value of a KindFloat; it may be infinite or not a number.
func (r Result) Float() float64 { return math.Float64frombits(r.num) }

// Text returns the characters of a KindText, the text of a KindJSON.
func (r Result) Text() []byte { return r.text }

// stop says that an operand ends the evaluation of what it stands in.
func (r Result) stop() bool { return r.Kind <= kindBail }

func (r Result) number() bool { return r.Kind == KindInt || r.Kind == KindFloat }

// float is the value of a number of either kind.
func (r Result) float() float64 {
	if r.Kind == KindInt {
		return float64(int64(r.num))
	}
	return math.Float64frombits(r.num)
}

var bail = Result{Kind: kindBail}

func boolResult(b bool) Result {
	if b {
		return Result{Kind: KindBool, num: 1}
	}
	return Result{Kind: KindBool}
}

func intResult(n int64) Result { return Result{Kind: KindInt, num: uint64(n)} }

func floatResult(f float64) Result { return Result{Kind: KindFloat, num: math.Float64bits(f)} }

func textResult(b []byte) Result { return Result{Kind: KindText, text: b} }

// String names the kind, for messages.
func (k Kind) String() string {
	switch k {
	case KindMissing:
		return "missing value"
	case KindNull:
		return "null"
	case KindBool:
		return "boolean"
	case KindInt:
		return "integer"
	case KindFloat:
		return "number"
	case KindText:
		return "text"
	}
	return "list or object"
}
