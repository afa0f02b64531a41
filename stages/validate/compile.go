package validate

import (
	"errors"
	"fmt"

	"sluice/pipeline"
)

// compile makes the checker of the configuration, nil for none. The error joins
// *pipeline.ConfigError values.
func (c Config) compile() (Checker, error) {
	errs := []error{c.Options.Validate()}
	bad := func(key, format string, args ...any) {
		errs = append(errs, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if c.Errors != "" && c.Errors != ErrorsFirst && c.Errors != ErrorsAll {
		bad("errors", "%q; expected %s or %s", c.Errors, ErrorsFirst, ErrorsAll)
	}
	if c.Schema != "" && c.Schemas != nil {
		bad("schemas", "it stands beside schema; give one of them (a schema of all kinds can be referred to from each by $ref)")
		return nil, errors.Join(errs...)
	}
	var checker Checker
	switch {
	case c.Schemas != nil:
		several, err := compileSchemas(c.Schemas, c.Options)
		checker, errs = several, append(errs, err)
	case c.Schema != "":
		one, err := compileFile(c.Schema, c.Options)
		if err != nil {
			bad("schema", "%v", err)
		}
		checker = one
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return checker, nil
}

// slowParts returns the places that the library checks, schema by schema.
func (b *bySchemas) slowParts() []string {
	var parts []string
	for _, name := range b.names {
		for _, part := range b.checkers[name].slowParts() {
			parts = append(parts, name+": "+part)
		}
	}
	return parts
}
