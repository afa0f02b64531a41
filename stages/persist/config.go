package persist

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/postgres"
	"sluice/stages/persist/row"
)

// Defaults of Config.
const (
	DefaultTable       = "records"
	DefaultSynchronous = "normal"
)

// Columns are the columns of a table, in the order of the file.
type Columns = row.Columns

// Conflict says what becomes of a row whose key is in the table: update, ignore
// or dead.
type Conflict = row.Conflict

// Config is the section persist of the file, and dead_letters.
type Config struct {
	Sink        string   `yaml:"sink"`        // URL: sqlite://, postgres://, ndjson://, stdout:// or null://
	Table       string   `yaml:"table"`       // "" for DefaultTable
	Columns     Columns  `yaml:"columns"`     // none: one column with the record as JSON
	Rest        string   `yaml:"rest"`        // column for what has no column, as JSON; "" for none
	Raw         string   `yaml:"raw"`         // column for the line as it came in; "" for none
	OnConflict  Conflict `yaml:"on_conflict"` // what becomes of a row whose key is in the table; "" for update
	Synchronous string   `yaml:"synchronous"` // of SQLite: off, normal, full or extra; "" for DefaultSynchronous

	Forget      bool             `yaml:"-"` // progress that vouches for rows of a table that is gone goes too, instead of an error
	Warn        func(string)     `yaml:"-"` // hears what a person should know; nil for nobody
	DeadLetters string           `yaml:"-"` // file for dead letters; "" for the sink's own place
	Dir         string           `yaml:"-"` // where relative paths start; "" for the working directory
	Stdout      io.Writer        `yaml:"-"` // where stdout:// writes; nil for os.Stdout
	Now         func() time.Time `yaml:"-"` // the clock; nil for time.Now

	server          bool  // while it is validated: the sink is a PostgreSQL database
	checkpointBytes int64 // of SQLite, for tests; 0 for its own
}

func (c Config) withDefaults() Config {
	if c.Table == "" {
		c.Table = DefaultTable
	}
	if c.Synchronous == "" {
		c.Synchronous = DefaultSynchronous
	}
	if c.Stdout == nil {
		c.Stdout = os.Stdout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// problems collects what is wrong with a configuration.
type problems []error

func (p *problems) add(key, format string, args ...any) {
	*p = append(*p, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
}

// Validate reports every mistake at once, as *pipeline.ConfigError with keys
// relative to the section persist. Nothing is opened.
func (c Config) Validate() error {
	c = c.withDefaults()
	c.server = c.atServer()
	var p problems
	c.checkSink(&p)
	c.checkTable(&p)
	c.checkColumns(&p)
	c.checkExtra(&p, "rest", c.Rest)
	c.checkExtra(&p, "raw", c.Raw)
	if c.Rest != "" && strings.EqualFold(c.Rest, c.Raw) {
		p.add("raw", "%q is the column of rest too; give one of them another name", c.Raw)
	}
	c.checkConflict(&p)
	if levels := []string{"off", "normal", "full", "extra"}; !slices.Contains(levels, c.Synchronous) {
		p.add("synchronous", "%q; expected one of %s", c.Synchronous, strings.Join(levels, ", "))
	}
	return errors.Join(p...)
}

func (c Config) checkSink(p *problems) {
	_, err := parseTarget(c.Sink, c.Dir)
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			p.add("sink", "%v", one)
		}
		return
	}
	if err != nil {
		p.add("sink", "%v", err)
		return
	}
	c.checkFiles(p)
}

// checkFiles finds two files of one name.
func (c Config) checkFiles(p *problems) {
	roles := map[string]string{}
	for _, f := range c.Files() {
		if other, ok := roles[f.Path]; ok {
			p.add("dead_letters", "%s is both %s and %s; give one of them another file", f.Path, other, f.Role)
		}
		roles[f.Path] = f.Role
	}
}

func (c Config) checkConflict(p *problems) {
	keyed := slices.ContainsFunc(c.Columns, func(column row.Column) bool { return column.Key })
	t, err := parseTarget(c.Sink, c.Dir)
	switch {
	case c.OnConflict == "":
	case !slices.Contains(row.Conflicts, c.OnConflict):
		p.add("on_conflict", "%q; expected update, ignore or dead", c.OnConflict)
	case err != nil || t.scheme == schemeNull:
	case !keyed:
		p.add("on_conflict", "there is no key for rows to have in common: give a column key: true, or leave on_conflict away")
	case !t.tables():
		p.add("on_conflict", "%s:// has no table that knows its keys; leave on_conflict away, or choose a sink with tables", t.scheme)
	}
}

func (c Config) checkTable(p *problems) {
	name := strings.ToLower(c.Table)
	if c.server {
		parsed, err := postgres.TableOf(c.Table)
		if err != nil {
			p.add("table", "%v", err)
			return
		}
		name = strings.ToLower(parsed)
	}
	switch {
	case c.server && len(name) > postgres.MaxName:
		p.add("table", "%q is longer than the %d bytes that PostgreSQL keeps of a name; choose a shorter one", c.Table, postgres.MaxName)
	case slices.Contains(reservedTables, name):
		p.add("table", "%q is a table of sluice's own; choose another name for the rows", c.Table)
	case strings.HasPrefix(name, "sqlite_"):
		p.add("table", "%q: names that start with sqlite_ are SQLite's own; choose another one", c.Table)
	case strings.ContainsRune(name, 0):
		p.add("table", "%q has a NUL character; choose another name", c.Table)
	}
}

func (c Config) checkColumns(p *problems) {
	seen := map[string]bool{}
	for _, column := range c.Columns {
		key := "columns." + column.Name
		name := strings.ToLower(column.Name)
		c.checkName(p, key, column.Name)
		if seen[name] {
			p.add(key, "there are two columns of this name, which is the same in upper and lower case; give one of them another name and from: the field")
		}
		seen[name] = true
		checkType(p, key+".type", column.Type)
		if column.From != "" {
			if _, err := pipeline.ParsePath(column.From); err != nil {
				p.add(key+".from", "%v", err)
			}
		}
	}
}

func checkType(p *problems, key string, t row.Type) {
	if t.Known() {
		return
	}
	list := make([]string, len(row.Types))
	for i, known := range row.Types {
		list[i] = string(known)
	}
	hint := ""
	if near := row.Nearest(strings.ToLower(string(t))); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	p.add(key, "%q; expected one of %s, or one of them with [] for a list%s", t, strings.Join(list, ", "), hint)
}

func (c Config) checkName(p *problems, key, name string) {
	switch {
	case name == "":
		p.add(key, "a column needs a name")
	case strings.ContainsRune(name, 0):
		p.add(key, "the name has a NUL character; choose another one and from: the field")
	case c.server && len(name) > postgres.MaxName:
		p.add(key, "the name is longer than the %d bytes that PostgreSQL keeps; choose a shorter one and from: the field", postgres.MaxName)
	case c.server && slices.Contains(postgres.SystemColumns, name):
		p.add(key, "%q is PostgreSQL's own name for something of every row; choose another one and from: the field", name)
	case !c.server && slices.Contains(reservedColumns, strings.ToLower(name)):
		p.add(key, "%q is SQLite's own name for the number of a row; choose another one and from: the field", name)
	}
}

// atServer says whether the sink is a PostgreSQL database.
func (c Config) atServer() bool {
	t, err := parseTarget(c.Sink, c.Dir)
	return err == nil && t.scheme == schemePostgres
}

// checkExtra checks the column of rest or raw.
func (c Config) checkExtra(p *problems, key, name string) {
	if name == "" {
		return
	}
	if len(c.Columns) == 0 {
		p.add(key, "%q needs columns beside it; without columns the column data has the whole record", name)
	}
	c.checkName(p, key, name)
	for _, column := range c.Columns {
		if strings.EqualFold(column.Name, name) {
			p.add(key, "%q is one of columns too; give one of them another name", name)
		}
	}
}

// reservedColumns are the names of SQLite for the rowid.
var reservedColumns = []string{"rowid", "oid", "_rowid_"}

// layout returns what a row is made of; nil for the record itself, which only
// sinks without tables can take.
func (c Config) layout() (*row.Layout, error) {
	if len(c.Columns) == 0 {
		return nil, nil
	}
	return row.NewLayout(c.Columns, c.Rest, c.Raw)
}
