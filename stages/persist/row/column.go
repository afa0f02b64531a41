package row

import (
	"fmt"

	"github.com/goccy/go-yaml"
)

// Column is one column as the configuration describes it.
type Column struct {
	Name string
	Type Type
	Key  bool   // part of the table's key
	From string // path of the field; "" for the top-level field called Name
}

// Columns are the columns of a table, in order. In YAML they are a mapping from
// name to type, or to {type, key, from}, whose order is kept:
//
//	id: {type: text, key: true}
//	ts: timestamp
//	team: {type: text, from: owner.team}
type Columns []Column

// UnmarshalYAML implements yaml.InterfaceUnmarshaler. It checks the shape only;
// names and types are checked where they are used.
func (c *Columns) UnmarshalYAML(decode func(any) error) error {
	var order yaml.MapSlice
	if err := decode(&order); err != nil {
		return err
	}
	var definitions map[string]definition
	if err := decode(&definitions); err != nil {
		return err
	}
	*c = nil
	for _, item := range order {
		name := fmt.Sprint(item.Key)
		d := definitions[name]
		*c = append(*c, Column{Name: name, Type: d.Type, Key: d.Key, From: d.From})
	}
	return nil
}

// definition is what stands behind a column's name in YAML.
type definition struct {
	Type Type   `yaml:"type"`
	Key  bool   `yaml:"key"`
	From string `yaml:"from"`
}

// UnmarshalYAML takes a mapping, or a type alone.
func (d *definition) UnmarshalYAML(decode func(any) error) error {
	var shape any
	if err := decode(&shape); err != nil {
		return err
	}
	if _, ok := shape.(string); ok {
		return decode(&d.Type)
	}
	type plain definition
	return decode((*plain)(d))
}
