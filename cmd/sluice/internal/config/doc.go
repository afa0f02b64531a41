// Package config turns defaults, a YAML file, environment variables and flags,
// in this order, into one Config, and says everything that is wrong with them
// at once: where it stands, what was found and what was expected.
package config
