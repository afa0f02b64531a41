package misfits

import (
	"fmt"
	"strings"
)

// Error says in what a table differs from what the configuration needs,
// all of it, and the SQL that mends it.
type Error struct {
	Database, Table string
	Problems        []string
	Mend            []string // SQL statements; run in order they make the table fit
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %s of %s does not fit:", e.Table, e.Database)
	for _, p := range e.Problems {
		b.WriteString("\n  " + p)
	}
	b.WriteString("\nchange the configuration, name another table, or mend it with:")
	for _, m := range e.Mend {
		b.WriteString("\n  " + m + ";")
	}
	return b.String()
}

// Findings collects what is wrong with one table. The zero value is one that fits.
type Findings struct {
	problems []string
	mend     []string
	aside    bool // no ALTER TABLE can mend it: it has to be moved out of the way
}

// Bad notes what is wrong.
func (f *Findings) Bad(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

// Cannot notes what is wrong and cannot be mended in the table itself.
func (f *Findings) Cannot(format string, args ...any) {
	f.Bad(format, args...)
	f.aside = true
}

// Mend notes SQL that mends what was noted before.
func (f *Findings) Mend(sql ...string) { f.mend = append(f.mend, sql...) }

// Err returns a *Error unless the table fits. aside is the statement that
// moves it out of the way, where nothing else helps.
func (f *Findings) Err(database, table, aside string) error {
	if len(f.problems) == 0 {
		return nil
	}
	mend := f.mend
	if f.aside {
		mend = []string{aside}
	}
	return &Error{Database: database, Table: table, Problems: f.problems, Mend: mend}
}
