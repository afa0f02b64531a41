package expression

// calculations are the arithmetic of the closures, by the name of the machine's
// function. They give up on whatever is not two numbers, or two texts to join,
// and on what arithmetic reports as a failure.
var calculations = map[string]func(m *Machine, a, b Result) Result{
	functionPrefix + "+": func(m *Machine, a, b Result) Result {
		switch {
		case a.Kind == KindInt && b.Kind == KindInt:
			return exact(addInt(a.Int(), b.Int()))
		case a.number() && b.number():
			return floatResult(a.float() + b.float())
		case a.Kind == KindText && b.Kind == KindText:
			return textResult(m.join(a.text, b.text))
		}
		return addTimes(a, b)
	},
	functionPrefix + "-": func(_ *Machine, a, b Result) Result {
		switch {
		case a.Kind == KindInt && b.Kind == KindInt:
			return exact(subtractInt(a.Int(), b.Int()))
		case a.number() && b.number():
			return floatResult(a.float() - b.float())
		}
		return subtractTimes(a, b)
	},
	functionPrefix + "*": func(_ *Machine, a, b Result) Result {
		switch {
		case a.Kind == KindInt && b.Kind == KindInt:
			return exact(multiplyInt(a.Int(), b.Int()))
		case a.number() && b.number():
			return floatResult(a.float() * b.float())
		}
		return bail
	},
	functionPrefix + "/": func(_ *Machine, a, b Result) Result {
		if !a.number() || !b.number() || b.float() == 0 {
			return bail
		}
		return floatResult(a.float() / b.float())
	},
	functionPrefix + "%": func(_ *Machine, a, b Result) Result {
		if a.Kind != KindInt || b.Kind != KindInt || b.num == 0 {
			return bail
		}
		return intResult(a.Int() % b.Int())
	},
}

func exact(n int64, ok bool) Result {
	if !ok {
		return bail
	}
	return intResult(n)
}
