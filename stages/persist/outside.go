package persist

import "sluice/stages/persist/sqlite"

// Outside returns the bytes that the sink takes from the system beside Go's heap,
// where the runtime's memory limit does not see them.
func (c Config) Outside() int64 {
	if t, err := parseTarget(c.Sink, ""); err == nil && t.scheme == schemeSQLite {
		return sqlite.Outside
	}
	return 0
}
