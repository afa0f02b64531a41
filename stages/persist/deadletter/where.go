package deadletter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Where returns the filter as SQL that SQLite and PostgreSQL understand, from
// WHERE to LIMIT, with parameters $1, $2 ... of which each is a text or an
// int64. It has only letters of records that were on their way into a table of rows:
// those of another table are for the pipeline that fills that one.
func Where(f pipeline.LetterFilter, rows string) (sql string, args []any) {
	var terms []string
	add := func(term string, arg any) {
		args = append(args, arg)
		terms = append(terms, fmt.Sprintf(term, len(args)))
	}
	add("(rows_table = $%d OR rows_table IS NULL)", rows)
	if len(f.IDs) > 0 {
		terms = append(terms, "id IN ("+strings.Trim(strings.ReplaceAll(fmt.Sprint(f.IDs), " ", ", "), "[]")+")")
	}
	for _, c := range []struct {
		column string
		values []string
	}{{"stage", f.Stages}, {"code", f.Codes}, {"lane", f.Lanes}, {"source", f.Sources}} {
		if len(c.values) > 0 {
			places := make([]string, len(c.values))
			for i, v := range c.values {
				args = append(args, v)
				places[i] = fmt.Sprintf("$%d", len(args))
			}
			terms = append(terms, c.column+" IN ("+strings.Join(places, ", ")+")")
		}
	}
	if !f.Since.IsZero() {
		add("at >= $%d", moment(f.Since))
	}
	if !f.Until.IsZero() {
		add("at < $%d", moment(f.Until))
	}
	if f.After > 0 {
		add("id > $%d", f.After)
	}
	if f.UpTo > 0 {
		add("id <= $%d", f.UpTo)
	}
	sql = " WHERE " + strings.Join(terms, " AND ") + " ORDER BY id"
	if f.Limit > 0 {
		sql += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return sql, args
}

func moment(t time.Time) string { return t.UTC().Format(row.TimeFormat) }

// matches says whether a letter is of the filter, but for its limit.
func matches(f *pipeline.LetterFilter, s *Stored) bool {
	is := func(want []string, have string) bool { return len(want) == 0 || slices.Contains(want, have) }
	return hasID(f.IDs, s.ID) && is(f.Stages, s.Stage) && is(f.Codes, s.Code) && is(f.Lanes, s.Lane) && is(f.Sources, s.Source) &&
		(f.Since.IsZero() || s.At >= moment(f.Since)) && (f.Until.IsZero() || s.At < moment(f.Until)) &&
		s.ID > f.After && (f.UpTo == 0 || s.ID <= f.UpTo)
}

func hasID(ids []int64, id int64) bool {
	return len(ids) == 0 || slices.Contains(ids, id)
}
