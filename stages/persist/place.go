package persist

import (
	"fmt"
	"net/url"
	"strings"
)

// tablePlace is a table of an SQLite file; query has %s for its name.
func tablePlace(file, table, query string) Place {
	quoted := `"` + strings.ReplaceAll(table, `"`, `""`) + `"`
	return Place{File: file, Table: table, Show: "sqlite3 " + shellWord(file) + " " + shellWord(fmt.Sprintf(query, quoted))}
}

// serverPlace is a table of a database server; query has %s for its name. The
// command has no password: psql finds it where sluice does, or asks.
func serverPlace(address, database, table, query string) Place {
	return Place{File: database, Table: table, Show: "psql " + shellWord(withoutPassword(address)) + " -c " + shellWord(fmt.Sprintf(query, table))}
}

// withoutPassword takes the password out of a URL.
func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres://..."
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	options := u.Query()
	for _, secret := range []string{"password", "sslpassword"} {
		if options.Has(secret) {
			options.Del(secret)
			u.RawQuery = options.Encode()
		}
	}
	return u.String()
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
