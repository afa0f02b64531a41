package rules

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"

	"sluice/pipeline"
)

// List is a list of rules. In YAML it is a mapping from name to expression,
// whose order is kept:
//
//	late: ts > now()
//	negative: duration_ms < 0
type List []Rule

// UnmarshalYAML implements yaml.InterfaceUnmarshaler. It checks the shape only.
// Mistakes are *pipeline.ConfigError, all of them, with keys relative to the
// list.
func (l *List) UnmarshalYAML(decode func(any) error) error {
	var shape any
	if err := decode(&shape); err != nil {
		return err
	}
	if _, ok := shape.(map[string]any); !ok {
		return mistake("", shape, `a mapping from the name of a fault to the expression that is true for it, such as {late: "ts > now()"}`)
	}
	var order yaml.MapSlice
	if err := decode(&order); err != nil {
		return err
	}
	*l = nil
	var mistakes []error
	for _, item := range order {
		name := fmt.Sprint(item.Key)
		switch value := item.Value.(type) {
		case string:
			*l = append(*l, Rule{Name: name, Expression: value})
		case bool:
			*l = append(*l, Rule{Name: name, Expression: fmt.Sprint(value)})
		default:
			mistakes = append(mistakes, mistake(name, value, "an expression, such as duration_ms < 0"))
		}
	}
	return errors.Join(mistakes...)
}

func mistake(key string, found any, want string) error {
	return &pipeline.ConfigError{Key: key, Message: fmt.Sprintf("found %s; expected %s", describeYAML(found), want)}
}

// describeYAML says what a value of the file is, for "found ...".
func describeYAML(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("the text %q", value)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprint(value)
}
