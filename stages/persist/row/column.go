package row

// Column is one column as the configuration describes it.
type Column struct {
	Name string
	Type Type
	Key  bool   // part of the table's key
	From string // path of the field; "" for the top-level field called Name
}

// Columns are the columns of a table, in order. In YAML they are a mapping from
// name to type, or to {type, key, from}, whose order is kept:
//
//	id: {type: text, key: true}
//	ts: timestamp
//	team: {type: text, from: owner.team}
type Columns []Column
