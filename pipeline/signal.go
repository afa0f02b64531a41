package pipeline

// signal wakes one waiter. It remembers one notification, so that a waiter
// that looks at the state first and then receives cannot miss a change. Whoever
// is woken, takes what there is and sees that more is left, notifies the next.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) notify() {
	select {
	case s <- struct{}{}:
	default:
	}
}
