package pipeline

// withResilience fills in what is zero of Retry, Breaker and Fallback.
func (s StageConfig) withResilience() StageConfig {
	s.Retry = s.Retry.withDefaults()
	s.Breaker = s.Breaker.withDefaults()
	setDefault(&s.Fallback, FallbackDeadLetter)
	return s
}

// validateResilience reports the mistakes of the reserve and of what a stage does
// about failures.
func (s StageConfig) validateResilience(bad func(key, format string, args ...any)) {
	total := 0
	for l, lane := range s.Lanes {
		if lane.Reserve < 0 {
			bad(s.Name+".lanes."+Lane(l).String()+".reserve", "%d; expected a number of workers, 0 for none", lane.Reserve)
		}
		total += lane.Reserve
	}
	if total > 0 && total >= s.Workers {
		bad(s.Name+".workers", "%d, of which the lanes reserve %d; expected more than they reserve: raise workers or lower a reserve", s.Workers, total)
	}
	s.Retry.validate(s.Name+".retry", bad)
	s.Breaker.validate(s.Name+".breaker", bad)
	if s.Retry.Attempts > 0 && s.Retry.Attempts < s.Breaker.Failures {
		bad(s.Name+".retry.attempts", "%d; expected 0 or at least breaker.failures, %d: when all calls fail, the breaker must open before a record is given up",
			s.Retry.Attempts, s.Breaker.Failures)
	}
	if s.Timeout < 0 {
		bad(s.Name+".timeout", "%v; expected a time, 0 for none", s.Timeout)
	}
	switch s.Fallback {
	case FallbackDeadLetter, FallbackPass, FallbackStop:
	default:
		bad(s.Name+".fallback", "%q; expected dead-letter, pass or stop", s.Fallback)
	}
}
