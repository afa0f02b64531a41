//go:build !chaos || !unix

package crash

// Before is called when i is about to happen.
func Before(Instant) {}

// After is called when i has happened, before anybody knows.
func After(Instant) {}

// Armed says whether the process is to end at i.
func Armed(Instant) bool { return false }
