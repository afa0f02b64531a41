package pipeline

import "fmt"

// ConfigError is one mistake in a configuration. Validate methods join all
// they find.
type ConfigError struct {
	Key     string // dotted, as in the file: "persist.columns.ts.type"
	Message string // what was found, what was expected, what to do
}

func newConfigError(key, format string, args ...any) *ConfigError {
	return &ConfigError{Key: key, Message: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Key + ": " + e.Message }
