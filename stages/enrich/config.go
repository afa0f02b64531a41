package enrich

import (
	"encoding/json"

	"sluice/stages/enrich/table"
)

// Config is the stage's part of a configuration.
type Config struct {
	Steps []StepConfig `yaml:"steps"`
	Dir   string       `yaml:"-"` // what paths of tables are relative to; "" for the working directory
	// MaxDepth is how deep a record may nest that no stage before has indexed;
	// pipeline.DefaultMaxDepth unless it is above 0. It is the source's setting
	// and the same for every stage.
	MaxDepth int `yaml:"-"`
	// Warn, when set, is told what a person should know and no record shows: a
	// table that was loaded with duplicate keys, or could not be reloaded. It
	// is called by workers, by several at once, and must not block for long.
	Warn func(string) `yaml:"-"`
}

// StepConfig is one step: exactly one of its fields is set. In YAML it is a map
// with one key, the step's name; see docs/enrich.md.
type StepConfig struct {
	Set     []Constant
	Rename  []Renaming
	Remove  []string // paths
	Filter  *FilterConfig
	Lookup  *LookupConfig
	Compute *ComputeConfig

	name     string    // as the file has it
	problems []problem // what was wrong with the step's form
}

// problem is a mistake that decoding found, reported by Validate.
type problem struct{ key, message string }

// Constant is a field and the JSON text that it is set to.
type Constant struct {
	Field string
	Value json.RawMessage
}

// Renaming moves a field.
type Renaming struct{ From, To string }

// FilterConfig is a condition: either Keep, for the records that go on, or
// Drop, for those that do not. A condition that meets a missing or null field
// is false.
type FilterConfig struct{ Keep, Drop string }

// LookupConfig adds the columns of a table's row, found by a field.
type LookupConfig struct {
	Field   string                // whose text is looked for
	Table   string                // file, relative to Config.Dir
	Key     string                // the table's column that is compared; a path in NDJSON
	Add     []Addition            // what is added from the row
	OnMiss  OnMiss                // what happens without a row, or without the field
	Default []Constant            // with OnMissDefault: the values of added fields
	Types   map[string]table.Type // of columns of a CSV file; text unless set
}

// Addition is a new field and the table's column that it is taken from.
type Addition struct{ Field, Column string }

// OnMiss says what a lookup does when no row has the key, or the record has no
// such field.
type OnMiss string

// The ways to miss.
const (
	OnMissNothing OnMiss = ""        // the record goes on as it is
	OnMissNull    OnMiss = "null"    // the fields are added, and are null
	OnMissDefault OnMiss = "default" // the fields are set to the defaults
	OnMissDead    OnMiss = "dead"    // the record is a dead letter, lookup_miss
)

// ComputeConfig adds the values of expressions.
type ComputeConfig struct {
	Fields  []Computation // in order; later ones see what earlier ones set
	OnError OnError
}

// Computation is a field and the expression of its value.
type Computation struct{ Field, Expression string }

// OnError says what a compute step does when an expression fails. That a field
// is missing or null is no failure.
type OnError string

// The ways to fail.
const (
	OnErrorDead OnError = ""     // the record is a dead letter, compute; "dead" in YAML
	OnErrorSkip OnError = "skip" // the field is not set
	OnErrorNull OnError = "null" // the field is null
)

// stepNames lists the steps, for messages.
var stepNames = []string{"set", "rename", "remove", "filter", "lookup", "compute"}
