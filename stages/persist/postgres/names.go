package postgres

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// name is a table's name, with its schema or without.
type name struct{ schema, table string }

// MaxName is how many bytes PostgreSQL keeps of a name.
const MaxName = 63

// SystemColumns are the columns that every table has (PostgreSQL, 5.5).
var SystemColumns = []string{"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}

// TableOf returns the table of a name, which is table or schema.table. A part
// that has a dot itself stands in double quotes, as in SQL.
func TableOf(text string) (table string, err error) {
	n, err := parseName(text)
	return n.table, err
}

func parseName(text string) (name, error) {
	first, rest, err := cutName(text)
	if err != nil {
		return name{}, err
	}
	if rest == "" {
		return name{table: first}, nil
	}
	second, rest, err := cutName(rest[1:])
	if err != nil || rest != "" {
		return name{}, fmt.Errorf("%q is no name of a table; expected table or schema.table, a part with a dot in double quotes", text)
	}
	return name{schema: first, table: second}, nil
}

// cutName takes the first part off; what remains is empty or starts with a dot.
func cutName(text string) (part, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		part, _, _ = strings.Cut(text, ".")
		rest = text[len(part):]
	} else {
		var b strings.Builder
		i := 1
		for ; i < len(text); i++ {
			if text[i] == '"' {
				if i+1 == len(text) || text[i+1] != '"' {
					break
				}
				i++
			}
			b.WriteByte(text[i])
		}
		if i == len(text) {
			return "", "", fmt.Errorf("%q has no closing double quote", text)
		}
		part, rest = b.String(), text[i+1:]
	}
	if part == "" || rest != "" && (rest[0] != '.' || len(rest) == 1) {
		return "", "", fmt.Errorf("%q is no name of a table; expected table or schema.table, a part with a dot in double quotes", text)
	}
	return part, rest, nil
}

// String returns the name as SQL.
func (n name) String() string {
	if n.schema == "" {
		return quote(n.table)
	}
	return quote(n.schema) + "." + quote(n.table)
}

// beside returns the table of another name in the same schema.
func (n name) beside(table string) name { return name{n.schema, table} }

// quote writes a name as an SQL identifier, whatever is in it.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteAll writes a list of names.
func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}

// text makes s such that a text column takes it and gives it back as it was:
// what is not UTF-8, or has a NUL, is written in hexadecimal digits behind \x, as
// what starts so itself.
func text(s string) string {
	if isText(s) && !strings.HasPrefix(s, `\x`) {
		return s
	}
	return fmt.Sprintf(`\x%x`, s)
}

// untext is the inverse of text.
func untext(s string) string {
	digits, ok := strings.CutPrefix(s, `\x`)
	if !ok {
		return s
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return s
	}
	return string(b)
}
