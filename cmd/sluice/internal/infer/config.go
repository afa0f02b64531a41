package infer

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sluice/stages/persist/row"
)

// ConfigOptions say what a configuration names.
type ConfigOptions struct {
	Schema string // path of the schema's file
	Table  string
	Sink   string
}

// Config returns the text of a sluice.yaml for records like those that were
// added.
func (in *Inference) Config(o ConfigOptions) []byte {
	var b strings.Builder
	if lane := in.Lane(); lane.Field != "" {
		fmt.Fprintf(&b, "source:\n  lane:\n    field: %s\n", yamlText(lane.Field))
		if lane.Map != nil {
			b.WriteString("    map:\n")
			for _, value := range slices.Sorted(maps.Keys(lane.Map)) {
				fmt.Fprintf(&b, "      %s: %s\n", yamlText(value), lane.Map[value])
			}
		}
		b.WriteString("    default: normal\n")
	}
	fmt.Fprintf(&b, "validate:\n  schema: %s\n", yamlText(o.Schema))
	fmt.Fprintf(&b, "persist:\n  sink: %s\n  table: %s\n", yamlText(o.Sink), yamlText(o.Table))
	columns := in.Columns()
	if len(columns) == 0 {
		return []byte(b.String())
	}
	b.WriteString("  columns:\n")
	for _, c := range columns {
		fmt.Fprintf(&b, "    %s: %s\n", yamlText(c.Name), columnText(c))
	}
	fmt.Fprintf(&b, "  rest: %s\n", restColumn)
	return []byte(b.String())
}

func columnText(c row.Column) string {
	if !c.Key && c.From == "" {
		return string(c.Type)
	}
	text := "{type: " + string(c.Type)
	if c.Key {
		text += ", key: true"
	}
	if c.From != "" {
		text += ", from: " + yamlText(c.From)
	}
	return text + "}"
}

// plain are texts that mean themselves in YAML; words are those of them that
// YAML takes for something else.
var (
	plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./-]*$|^[a-z]+://[A-Za-z0-9_./-]+$`)
	words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
)

// yamlText returns a text as YAML: as it is where that is plain, quoted
// otherwise. A JSON string is one in YAML too.
func yamlText(s string) string {
	if plain.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) {
		return s
	}
	return string(appendText(nil, s))
}
