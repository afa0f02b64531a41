package row

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
