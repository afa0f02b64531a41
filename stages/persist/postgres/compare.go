package postgres

import (
	"fmt"
	"slices"
	"strings"

	"sluice/stages/persist/misfits"
	"sluice/stages/persist/row"
)

// comparison collects what is wrong with one table.
type comparison struct {
	want table
	have present
	misfits.Findings
}

// compare returns how rows are encoded for the table that is there, or a
// *misfits.Error.
func compare(database string, want table, have present) ([]planned, error) {
	c := &comparison{want: want, have: have}
	var columns []planned
	if !strings.Contains("rpf", have.kind) {
		c.Cannot("it is a %s, not a table", describeKind(have.kind))
	} else {
		columns = c.columns()
		c.extras()
		c.key()
	}
	return columns, c.Err(database, want.name.String(), fmt.Sprintf("ALTER TABLE %s RENAME TO %s", want.name, quote(want.name.table+"_old")))
}

func (c *comparison) find(name string) *presentColumn {
	for i := range c.have.columns {
		if c.have.columns[i].name == name {
			return &c.have.columns[i]
		}
	}
	return nil
}

// columns compares each column that sluice needs.
func (c *comparison) columns() []planned {
	var plan []planned
	for _, want := range c.want.columns {
		have := c.find(want.name)
		switch {
		case have == nil:
			c.Bad("column %s is missing; expected %s", want.name, declared(want.typ))
			c.Mend(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", c.want.name, quote(want.name), declared(want.typ)))
			continue
		case have.made:
			c.Cannot("column %s is generated; expected one that can be written", want.name)
			continue
		}
		e, ok := want.encoding(have)
		if !ok {
			c.Bad("column %s is %s; expected %s for type %s", want.name, have.declared, declared(want.typ), want.typ)
			c.Mend(fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %[2]s::text::%[3]s",
				c.want.name, quote(want.name), declared(want.typ)))
			continue
		}
		plan = append(plan, planned{name: want.name, oid: have.oid, modifier: have.modifier, encoding: e, key: slices.Contains(c.want.keys, want.name)})
	}
	return plan
}

// encoding returns how the column's values go into one that is there; false
// when they do not fit.
func (c column) encoding(have *presentColumn) (encoding, bool) {
	if c.raw {
		f, ok := rawFormats[have.base]
		return encoding{typ: c.typ, format: f}, ok
	}
	if element, ok := c.typ.Element(); ok {
		f, ok := formats[element][have.element]
		return encoding{typ: element, format: f, list: true, element: have.element}, ok
	}
	if have.label && c.typ == row.TypeText {
		return encoding{typ: c.typ, format: formatText}, true
	}
	f, ok := formats[c.typ][have.base]
	return encoding{typ: c.typ, format: f}, ok
}

// extras reports columns that sluice does not fill but must be filled.
func (c *comparison) extras() {
	for _, have := range c.have.columns {
		if slices.Contains(c.want.names(), have.name) || !have.notNull || have.fallback || have.made {
			continue
		}
		format := "column %s is NOT NULL without a default, and no column of the configuration fills it"
		if c.unique(have.name) {
			c.Cannot(format, have.name)
			continue
		}
		c.Bad(format, have.name)
		c.Mend(fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL", c.want.name, quote(have.name)))
	}
}

// unique says whether a column is part of a unique index, as a primary key is.
func (c *comparison) unique(name string) bool {
	return slices.ContainsFunc(c.have.uniques, func(u []string) bool { return slices.Contains(u, name) })
}

// key reports a key without its unique index.
func (c *comparison) key() {
	if len(c.want.keys) == 0 {
		return
	}
	for _, unique := range c.have.uniques {
		if slices.Equal(sorted(unique), sorted(c.want.keys)) {
			return
		}
	}
	c.Bad("the key (%s) has no unique index", strings.Join(c.want.keys, ", "))
	c.Mend(fmt.Sprintf("CREATE UNIQUE INDEX ON %s (%s)", c.want.name, quoteAll(c.want.keys)))
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}
