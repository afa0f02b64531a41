package row

import (
	"fmt"
	"strings"

	"sluice/pipeline"
)

// Conflict says what becomes of a row whose key is in the table; "" is
// ConflictUpdate.
type Conflict string

// The ways of a row whose key is there.
const (
	ConflictUpdate Conflict = "update" // the row in the table takes its values; it counts as persisted
	ConflictIgnore Conflict = "ignore" // it is passed over, and its record counts as filtered
	ConflictDead   Conflict = "dead"   // its record is a dead letter with code constraint
)

// Conflicts are all of them, the default first.
var Conflicts = []Conflict{ConflictUpdate, ConflictIgnore, ConflictDead}

// KeyTaken says why a record is a dead letter whose key is in the table already,
// perhaps from an earlier record of its batch. err is the database's own error,
// nil when it has none.
func (l *Layout) KeyTaken(table string, r *pipeline.Record, err error) *pipeline.RecordError {
	taken := &pipeline.RecordError{Stage: "persist", Code: pipeline.CodeConstraint, Err: err}
	var names, values []string
	for i, v := range r.GetAll(nil, l.paths) {
		if f := &l.fields[i]; f.Key {
			names, values = append(names, f.Name), append(values, excerpt(v.JSON()))
			taken.Pointer = f.pointer
		}
	}
	if len(names) > 1 {
		taken.Pointer = ""
	}
	taken.Message = fmt.Sprintf("table %s has a row with the key (%s) = (%s) already, and on_conflict is dead; purge this letter, or replay it with on_conflict: update or ignore",
		table, strings.Join(names, ", "), strings.Join(values, ", "))
	return taken
}
