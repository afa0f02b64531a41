package validate

import "sluice/pipeline"

// MaxDepthLimit is the deepest nesting that a record may have under any
// configuration: what checks a record recurses, and Go ends a process whose
// stack is used up.
const MaxDepthLimit = 10_000

// Config is what the stage checks.
type Config struct {
	Schema string // path of the JSON Schema file; "" checks none
	// MaxDepth is how deep a record may nest: pipeline.DefaultMaxDepth unless it
	// is above 0, MaxDepthLimit where it is more. It comes from the source's
	// section, whose owner reports a value out of range at its own key.
	MaxDepth int
}

func (c Config) maxDepth() int {
	if c.MaxDepth <= 0 {
		return pipeline.DefaultMaxDepth
	}
	return min(c.MaxDepth, MaxDepthLimit)
}
