package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Prefix begins the name of every environment variable of sluice.
const Prefix = "SLUICE_"

// fromEnvironment reads the settings that variables give; an empty variable
// gives none. Unknown variables that begin with Prefix are named in warnings.
func fromEnvironment(environ map[string]string) (s Settings, warnings []string, problems Problems) {
	err := env.ParseWithOptions(&s, env.Options{Environment: environ, Prefix: Prefix})
	if all, ok := errors.AsType[env.AggregateError](err); ok {
		for _, one := range all.Errors {
			problems = append(problems, s.variableProblem(one))
		}
	} else if err != nil {
		problems = append(problems, Problem{Origin: "environment", Message: err.Error()})
	}
	return s, unknownVariables(environ), problems
}

// variableProblem names the variable and the key, and forgets the value.
func (s *Settings) variableProblem(err error) Problem {
	e, ok := errors.AsType[env.ParseError](err)
	if !ok {
		return Problem{Origin: "environment", Message: err.Error()}
	}
	v := reflect.ValueOf(s).Elem()
	field, _ := v.Type().FieldByName(e.Name)
	v.FieldByIndex(field.Index).SetZero()
	return Problem{Origin: variable(field.Tag), Key: field.Tag.Get("key"), Message: e.Err.Error()}
}

func variable(tag reflect.StructTag) string { return Prefix + tag.Get("env") }

// Variables returns the names of all variables: those of Settings in their
// order, and TokenVariable.
func Variables() []string {
	var names []string
	new(Settings).each(func(s setting) {
		if s.tag.Get("env") != "" {
			names = append(names, variable(s.tag))
		}
	})
	return append(names, TokenVariable)
}

// forTests are variables that tests and benchmarks read.
var forTests = []string{"SLUICE_SUITES", "SLUICE_CORPUS"}

func unknownVariables(environ map[string]string) []string {
	known := Variables()
	var warnings []string
	for name := range environ {
		if !strings.HasPrefix(name, Prefix) || slices.Contains(known, name) ||
			slices.Contains(forTests, name) || strings.HasPrefix(name, "SLUICE_BENCH") {
			continue
		}
		hint := "known are " + strings.Join(known, ", ")
		if near := Nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		warnings = append(warnings, fmt.Sprintf("environment: %s is unknown and changes nothing; %s", name, hint))
	}
	slices.Sort(warnings)
	return warnings
}

// Environment turns a list of name=value, as os.Environ returns it, into a map.
func Environment(list []string) map[string]string {
	environ := make(map[string]string, len(list))
	for _, entry := range list {
		if name, value, ok := strings.Cut(entry, "="); ok {
			environ[name] = value
		}
	}
	return environ
}
