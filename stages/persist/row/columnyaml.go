package row

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml"

	"sluice/pipeline"
)

// UnmarshalYAML implements yaml.InterfaceUnmarshaler. It checks the shape only;
// names and types are checked where they are used. Mistakes are
// *pipeline.ConfigError, all of them, with keys relative to the columns.
func (c *Columns) UnmarshalYAML(decode func(any) error) error {
	var shape any
	if err := decode(&shape); err != nil {
		return err
	}
	if _, ok := shape.(map[string]any); !ok {
		return mistake("", shape, "a mapping from the name of a column to its type, such as {id: integer}")
	}
	var order yaml.MapSlice
	if err := decode(&order); err != nil {
		return err
	}
	*c = nil
	var mistakes []error
	for _, item := range order {
		column := Column{Name: fmt.Sprint(item.Key)}
		mistakes = append(mistakes, column.define(item.Value))
		*c = append(*c, column)
	}
	return errors.Join(mistakes...)
}

// define takes what stands behind a column's name: a type, or a mapping.
func (c *Column) define(value any) error {
	switch value := value.(type) {
	case nil:
		return nil // no type, which is found where types are checked
	case string:
		c.Type = Type(value)
		return nil
	case map[string]any:
		var mistakes []error
		for key, v := range value {
			mistakes = append(mistakes, c.set(key, v))
		}
		return errors.Join(mistakes...)
	}
	return mistake(c.Name, value, "a type such as text, or {type: text, key: true, from: path}")
}

// set takes one key of the mapping.
func (c *Column) set(key string, value any) error {
	var ok bool
	var want string
	switch key {
	case "type":
		var name string
		name, ok = value.(string)
		c.Type, want = Type(name), "the name of a type, such as text"
	case "key":
		c.Key, ok = value.(bool)
		want = "true or false"
	case "from":
		c.From, ok = value.(string)
		want = "the path of a field, such as owner.team"
	default:
		return &pipeline.ConfigError{Key: c.Name + "." + key, Message: "unknown key; expected type, key or from"}
	}
	if !ok {
		return mistake(c.Name+"."+key, value, want)
	}
	return nil
}

func mistake(key string, found any, want string) error {
	return &pipeline.ConfigError{Key: key, Message: fmt.Sprintf("found %s; expected %s", describe(found), want)}
}

// describe says what a value of the file is, for "found ...".
func describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		return "the text " + strconv.Quote(value)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprint(value)
}
