package expression

import (
	"errors"
	"math"
	"math/bits"

	"github.com/expr-lang/expr/vm/runtime"
)

// Failures of arithmetic.
var (
	errOverflow     = errors.New("the result is beyond a 64-bit integer; write float(...) around an operand where a nearest value will do")
	errDivideByZero = errors.New("division by zero")
)

// arithmetic are the operators that the machine takes over from expr, whose own
// wrap around at 64 bits and divide by zero. What is not about two integers is
// left to expr.
var arithmetic = map[string]func(a, b any) (any, error){
	"+": integers(addInt, runtime.Add),
	"-": integers(subtractInt, runtime.Subtract),
	"*": integers(multiplyInt, runtime.Multiply),
	"/": func(a, b any) (any, error) {
		if isZero(b) {
			return nil, errDivideByZero
		}
		return runtime.Divide(a, b), nil
	},
	"%": func(a, b any) (any, error) {
		if isZero(b) {
			return nil, errDivideByZero
		}
		return runtime.Modulo(a, b), nil
	},
}

// integers applies exact to two integers and other to anything else.
func integers(exact func(a, b int64) (int64, bool), other func(a, b any) any) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		x, xok := integer(a)
		y, yok := integer(b)
		if !xok || !yok {
			return other(a, b), nil
		}
		n, ok := exact(x, y)
		if !ok {
			return nil, errOverflow
		}
		return int(n), nil
	}
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func isZero(v any) bool {
	if f, ok := v.(float64); ok {
		return f == 0
	}
	n, ok := integer(v)
	return ok && n == 0
}

func addInt(a, b int64) (int64, bool) {
	n := a + b
	return n, (n > a) == (b > 0)
}

func subtractInt(a, b int64) (int64, bool) {
	n := a - b
	return n, (n < a) == (b > 0)
}

func multiplyInt(a, b int64) (int64, bool) {
	if a == math.MinInt64 || b == math.MinInt64 {
		return a * b, a == 0 || b == 0 || a == 1 || b == 1
	}
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	return a * b, high == 0 && low <= math.MaxInt64
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
