package persist

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"sluice/stages/persist/ndjson"
	"sluice/stages/persist/postgres"
	"sluice/stages/persist/sqlite"
)

// reservedTables are the tables that sluice makes beside the rows.
var reservedTables = []string{sqlite.DeadLettersTable, sqlite.ProgressTable, postgres.CommitsTable}

// Schemes of a sink's URL.
const (
	schemeSQLite   = "sqlite"
	schemePostgres = "postgres"
	schemeNDJSON   = "ndjson"
	schemeStdout   = "stdout"
	schemeNull     = "null"
)

// target is where a sink's URL leads.
type target struct {
	scheme string
	path   string         // of the file, with Dir before it; "" for what is no file
	url    string         // of a database server
	ndjson ndjson.Options // of a file of rows
}

// tables says whether the sink has tables: rows, dead letters and progress go
// into one transaction.
func (t target) tables() bool { return t.scheme == schemeSQLite || t.scheme == schemePostgres }

const knownSinks = "expected sqlite://FILE, postgres://HOST/DATABASE, ndjson://FILE, stdout:// or null://"

// parseTarget reads the URL of a sink, or a path whose ending says what it is.
// What stands between :// and ? is a path: percent-encoded characters are
// decoded, spaces may stand as they are.
func parseTarget(sink, dir string) (target, error) {
	scheme, rest, ok := strings.Cut(sink, "://")
	if !ok {
		return parsePath(sink, dir)
	}
	if lower := strings.ToLower(scheme); lower == schemePostgres || lower == "postgresql" {
		t := target{scheme: schemePostgres, url: schemePostgres + "://" + rest}
		if parsed, err := url.Parse(t.url); err == nil {
			if err := once(parsed.Query()); err != nil {
				return t, fmt.Errorf("the sink's URL: %w", err) // which may hold a password
			}
		}
		return t, postgres.ParseURL(t.url)
	}
	rest, query, _ := strings.Cut(rest, "?")
	path, err := url.PathUnescape(rest)
	if err != nil {
		return target{}, fmt.Errorf("%q: %w; a percent sign in a path is written %%25", sink, err)
	}
	t := target{scheme: strings.ToLower(scheme)}
	switch t.scheme {
	case schemeSQLite, schemeNDJSON:
		if t.path, err = filePath(path, dir); err != nil {
			return target{}, fmt.Errorf("%q %w", sink, err)
		}
	case schemeStdout, schemeNull:
		if path != "" {
			return target{}, fmt.Errorf("%q: %s:// takes no path", sink, t.scheme)
		}
	default:
		return target{}, fmt.Errorf("%q: no sink is called %s://; %s", sink, scheme, knownSinks)
	}
	return t, t.parseOptions(sink, query)
}

// parsePath takes a path without a scheme.
func parsePath(sink, dir string) (target, error) {
	scheme := ""
	name := strings.ToLower(sink)
	switch filepath.Ext(strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")) {
	case ".db", ".sqlite", ".sqlite3":
		if filepath.Ext(name) != ".gz" && filepath.Ext(name) != ".zst" {
			scheme = schemeSQLite
		}
	case ".ndjson", ".jsonl":
		scheme = schemeNDJSON
	case "":
		if sink == "" {
			return target{}, errors.New("there is none; " + knownSinks)
		}
	}
	if scheme == "" {
		return target{}, fmt.Errorf("%q is not the URL of a sink; %s", sink, knownSinks)
	}
	path, err := filePath(sink, dir)
	t := target{scheme: scheme, path: path}
	if err != nil {
		return t, err
	}
	return t, t.parseOptions(sink, "")
}

// filePath places a path below dir unless it is absolute.
func filePath(path, dir string) (string, error) {
	switch {
	case path == "":
		return "", errors.New("names no file")
	case strings.ContainsRune(path, 0):
		return "", errors.New("has a NUL character in its path")
	case path == ":memory:":
		return "", errors.New("would be gone with the process; null:// is for measuring")
	case filepath.IsAbs(path):
		return filepath.Clean(path), nil
	}
	return filepath.Join(dir, path), nil
}

// parseOptions reads what stands behind the question mark. The error joins every
// mistake.
func (t *target) parseOptions(sink, query string) error {
	options, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("%q: %w", sink, err)
	}
	if err := once(options); err != nil {
		return fmt.Errorf("%q: %w", sink, err)
	}
	if t.scheme == schemeNDJSON {
		t.ndjson, err = ndjson.ParseOptions(t.path, options)
		return eachOf(sink, err)
	}
	for name := range options {
		return fmt.Errorf("%q: %s:// has no options, found %s", sink, t.scheme, name)
	}
	return nil
}

// once finds an option that is given more than once.
func once(options url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if n := len(options[name]); n > 1 {
			return fmt.Errorf("option %s is given %d times; expected once", name, n)
		}
	}
	return nil
}

// eachOf says of each of the errors that err joins which sink it is about.
func eachOf(sink string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var errs []error
	for _, one := range joined.Unwrap() {
		errs = append(errs, fmt.Errorf("%q: %w", sink, one))
	}
	return errors.Join(errs...)
}
