package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"sluice/stages/persist/misfits"
)

// comparison collects what is wrong with one table.
type comparison struct {
	want table
	have present
	misfits.Findings
}

// compare returns nil when the table fits or is absent.
func compare(conn *sqlite.Conn, file string, want table) error {
	have, err := inspect(conn, want.name)
	if err != nil || have.kind == "" {
		return err
	}
	return differences(file, want, have)
}

// differences returns a *misfits.Error unless the table fits.
func differences(file string, want table, have present) error {
	c := &comparison{want: want, have: have}
	if have.kind != "table" {
		c.Cannot("it is a %s", describeKind(have.kind))
	} else {
		c.columns()
		c.extras()
		c.key()
	}
	aside := fmt.Sprintf("ALTER TABLE %s RENAME TO %s", quote(want.name), quote(want.name+"_old"))
	if have.kind == "view" {
		aside = "DROP VIEW " + quote(want.name)
	}
	return c.Err(file, want.name, aside)
}

// describeKind says what a table of a kind that table_list names is instead of an
// ordinary one.
func describeKind(kind string) string {
	switch kind {
	case "virtual":
		return "virtual table, not an ordinary one"
	case "shadow":
		return "table that a virtual table keeps its rows in, not an ordinary one"
	}
	return kind + ", not a table"
}

func (c *comparison) find(name string) *presentColumn {
	for i := range c.have.columns {
		if strings.EqualFold(c.have.columns[i].name, name) {
			return &c.have.columns[i]
		}
	}
	return nil
}

// columns compares each column that sluice needs.
func (c *comparison) columns() {
	for _, want := range c.want.columns {
		add := fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", quote(c.want.name), quote(want.name), want.declared())
		have := c.find(want.name)
		switch {
		case have == nil:
			c.Bad("column %s is missing; expected %s", want.name, want.declared())
			c.Mend(add)
		case have.made:
			c.Cannot("column %s is generated; expected one that can be written", want.name)
		case !fits(want.declared(), affinity(have.declared)):
			c.retype(want, have, add)
		}
	}
}

// fits says whether a column of an affinity keeps values of a declared type as
// they are.
func fits(declared, affinity string) bool {
	return affinity == declared || affinity == "BLOB" || declared == "INTEGER" && affinity == "NUMERIC"
}

// retype reports a column of another type. SQLite cannot change a type, but it
// can put another column in its place, unless an index or a constraint is in
// the way.
func (c *comparison) retype(want column, have *presentColumn, add string) {
	format := "column %s is %s; expected %s for type %s"
	args := []any{want.name, orNothing(have.declared), want.declared(), want.typ}
	if c.have.indexed[strings.ToLower(have.name)] || have.notNull && !have.fallback {
		c.Cannot(format, args...)
		return
	}
	c.Bad(format, args...)
	old := have.name + "_old"
	for c.find(old) != nil {
		old += "_old"
	}
	t := quote(c.want.name)
	c.Mend(fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", t, quote(have.name), quote(old)),
		add,
		fmt.Sprintf("UPDATE %s SET %s = %s", t, quote(want.name), quote(old)))
}

func orNothing(declared string) string {
	if declared == "" {
		return "without a type"
	}
	return declared
}

// extras reports columns that sluice does not fill but must be filled.
func (c *comparison) extras() {
	for _, have := range c.have.columns {
		alias := have.primary == 1 && strings.EqualFold(have.declared, "INTEGER")
		if contains(c.want.names(), have.name) || !have.notNull || have.fallback || have.made || alias {
			continue
		}
		c.Cannot("column %s is NOT NULL without a default, and no column of the configuration fills it", have.name)
	}
}

// key reports a key without its unique index.
func (c *comparison) key() {
	if len(c.want.keys) == 0 {
		return
	}
	for _, unique := range c.have.uniques {
		if slices.Equal(lowered(unique), lowered(c.want.keys)) {
			return
		}
	}
	keys := strings.Join(c.want.keys, ", ")
	c.Bad("the key (%s) has no unique index", keys)
	c.Mend(fmt.Sprintf("CREATE UNIQUE INDEX %s ON %s (%s)",
		quote(c.want.name+"_key"), quote(c.want.name), quoteAll(c.want.keys)))
}

// lowered returns names in one order and case.
func lowered(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	slices.Sort(out)
	return out
}
