package infer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// maxColumns is how many columns are suggested; the rest of a record has a
// column of its own.
const maxColumns = 100

// taken are names that a table cannot use for a column.
var taken = []string{"", "rowid", "oid", "_rowid_", restColumn}

// restColumn is the column for what has none of its own.
const restColumn = "rest"

// Columns returns columns for the records' own members: those that most records
// have, in the order in which they were first seen. At most one of them is the
// key: always there, no value twice, and of a name or form that says it is one.
func (in *Inference) Columns() row.Columns {
	members := in.columnMembers()
	key := in.key(members)
	used := map[string]bool{}
	for _, name := range taken {
		used[name] = true
	}
	var columns row.Columns
	for _, m := range members {
		c := row.Column{Name: columnName(m.key, used), Type: m.shape.column(), Key: m == key}
		if c.Name != m.key {
			c.From = pipeline.KeyPath(m.key).String()
		}
		columns = append(columns, c)
	}
	return columns
}

// columnMembers are the record's members of which something is known; the
// commonest where there are many.
func (in *Inference) columnMembers() []*member {
	if in.root.object == nil {
		return nil
	}
	var members []*member
	for _, m := range in.root.object.order {
		if len(m.shape.types()) > 0 {
			members = append(members, m)
		}
	}
	if len(members) <= maxColumns {
		return members
	}
	common := slices.Clone(members)
	slices.SortStableFunc(common, func(a, b *member) int { return int(min(max(b.present-a.present, -1), 1)) })
	common = common[:maxColumns]
	return slices.DeleteFunc(members, func(m *member) bool { return !slices.Contains(common, m) })
}

// columnName returns a name for a key that no other column has. Upper and lower
// case are the same to a database.
func columnName(key string, used map[string]bool) string {
	name := strings.ReplaceAll(key, "\x00", "_")
	for i := 2; used[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s_%d", strings.ReplaceAll(key, "\x00", "_"), i)
	}
	used[strings.ToLower(name)] = true
	return name
}

// column returns the type of a column that takes all values of a shape.
func (s *shape) column() row.Type {
	switch {
	case s.only(pipeline.KindBool):
		return row.TypeBoolean
	case s.only(pipeline.KindNumber) && s.number.int64s:
		return row.TypeInteger
	case s.only(pipeline.KindNumber) && s.number.float64s:
		return row.TypeReal
	case s.only(pipeline.KindString) && s.text.stamps:
		return row.TypeTimestamp
	case s.only(pipeline.KindBool, pipeline.KindNumber, pipeline.KindString):
		return row.TypeText
	}
	return row.TypeJSON
}

// keyName are the names of fields that say which record it is.
var keyName = regexp.MustCompile(`(?i:^_?(id|uid|uuid|guid|key)$|[_.-](id|uid|uuid|guid)$)|[a-z](ID|Id|UID|UUID)$`)

// key returns the member that is the key, nil for none.
func (in *Inference) key(members []*member) *member {
	var best *member
	for _, m := range members {
		if in.mayBeKey(m) && (best == nil || m.keyRank() < best.keyRank()) {
			best = m
		}
	}
	return best
}

func (in *Inference) mayBeKey(m *member) bool {
	return m.unique != nil && m.present == in.records && m.keyRank() < 3
}

// keyRank orders members by how much they look like a key; 3 is not at all.
func (m *member) keyRank() int {
	isUUID := m.shape.only(pipeline.KindString) && m.shape.text.format() == "uuid"
	switch t := m.shape.column(); {
	case t != row.TypeText && t != row.TypeInteger:
		return 3
	case strings.EqualFold(m.key, "id") || strings.EqualFold(m.key, "_id"):
		return 0
	case keyName.MatchString(m.key):
		return 1
	case isUUID:
		return 2
	}
	return 3
}
