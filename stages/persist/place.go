package persist

import (
	"fmt"
	"net/url"
	"strings"

	"sluice/stages/persist/ndjson"
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

// rowsPlace is the file of rows, or with rotation the finished ones.
func rowsPlace(t target) Place {
	path, shown := t.path, shellWord(t.path)
	if t.ndjson.Rotates() {
		path = ndjson.FinishedPattern(t.path, t.ndjson.Compress)
		shown = shellPattern(path)
	}
	switch t.ndjson.Compress {
	case ndjson.Gzip:
		return Place{File: path, Show: "zcat " + shown + " | head"}
	case ndjson.Zstd:
		return Place{File: path, Show: "zstdcat " + shown + " | head"}
	}
	return Place{File: path, Show: "head " + shown}
}

// shellPattern writes a path so that a shell expands the one * in its name.
func shellPattern(path string) string {
	i := strings.LastIndexByte(path, '*')
	before, after := shellWord(path[:i]), ""
	if path[i+1:] != "" {
		after = shellWord(path[i+1:])
	}
	return before + "*" + after
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
