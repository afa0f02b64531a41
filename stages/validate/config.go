package validate

import (
	"fmt"

	"sluice/pipeline"
	"sluice/stages/validate/dedupe"
	"sluice/stages/validate/rules"
)

// MaxDepthLimit is the deepest nesting that a record may have under any
// configuration: what checks a record recurses, and Go ends a process whose
// stack is used up.
const MaxDepthLimit = 10_000

// Config is what the stage checks.
type Config struct {
	Schema  string   // path of the JSON Schema file; "" checks none
	Schemas *Schemas // instead of Schema: several, chosen by a field
	Options          // how all of them are read
	Errors  string   // ErrorsFirst or ErrorsAll, the former for ""
	// MaxDepth is how deep a record may nest: pipeline.DefaultMaxDepth unless it
	// is above 0, MaxDepthLimit where it is more. It comes from the source's
	// section, whose owner reports a value out of range at its own key.
	MaxDepth int
	// The other checks; the zero value of each checks nothing.
	DuplicateKeys DuplicateKeys
	Required      map[string][]string // paths of fields by the name of the lane
	Rules         rules.List
	MaxAge        *rules.AgeConfig
	Dedupe        *dedupe.Config
}

// DuplicateKeys says what becomes of a record in which an object has a key
// twice.
type DuplicateKeys string

// The ways to treat duplicate keys.
const (
	DuplicateKeysLast   DuplicateKeys = "last"   // the last one counts, in every stage; "" is the same
	DuplicateKeysReject DuplicateKeys = "reject" // the record is a dead letter, duplicate_key
)

func (d DuplicateKeys) validate() error {
	switch d {
	case "", DuplicateKeysLast, DuplicateKeysReject:
		return nil
	}
	return fmt.Errorf("%q; expected last or reject", string(d))
}

func (c Config) maxDepth() int {
	if c.MaxDepth <= 0 {
		return pipeline.DefaultMaxDepth
	}
	return min(c.MaxDepth, MaxDepthLimit)
}
