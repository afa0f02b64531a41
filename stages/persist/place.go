package persist

import (
	"fmt"
	"strings"
)

// tablePlace is a table of an SQLite file; query has %s for its name.
func tablePlace(file, table, query string) Place {
	quoted := `"` + strings.ReplaceAll(table, `"`, `""`) + `"`
	return Place{File: file, Table: table, Show: "sqlite3 " + shellWord(file) + " " + shellWord(fmt.Sprintf(query, quoted))}
}

// filePlace is a file of lines.
func filePlace(file string) Place {
	return Place{File: file, Show: "head " + shellWord(file)}
}

// shellWord writes s so that a shell reads it as one word.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._/-+:@%,", r)
	}
	if s != "" && s[0] != '-' && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
