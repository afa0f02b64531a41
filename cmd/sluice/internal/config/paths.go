package config

import (
	"path/filepath"
	"strings"
)

// relativeTo makes the paths that the file names relative to the working
// directory, given the file's own directory.
func (c *Config) relativeTo(dir string) {
	for i, name := range c.Source.Follow {
		c.Source.Follow[i] = patternUnderDir(dir, name)
	}
	c.Validation.relativeTo(dir)
	c.DeadLetters = underDir(dir, c.DeadLetters)
	c.Control.TokenFile = underDir(dir, c.Control.TokenFile)
	c.Persistence.Sink = sinkUnderDir(dir, c.Persistence.Sink)
}

func underDir(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// patternUnderDir does the same for a name that may be a pattern: what has a
// meaning there is escaped in dir. A blank name stays one.
func patternUnderDir(dir, name string) string {
	if strings.TrimSpace(name) == "" {
		return name
	}
	return underDir(escapeSigns.Replace(dir), name)
}

// escapeSigns escapes the signs of filepath.Match.
var escapeSigns = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// sinkUnderDir does the same for a sink that is a file. In the path of a URL a
// percent sign begins an escape, so those of dir are escaped.
func sinkUnderDir(dir, sink string) string {
	scheme, rest, ok := strings.Cut(sink, "://")
	if !ok {
		return underDir(dir, sink)
	}
	switch strings.ToLower(scheme) {
	case "sqlite", "ndjson":
	default:
		return sink
	}
	path, query, hasQuery := strings.Cut(rest, "?")
	path = underDir(strings.ReplaceAll(dir, "%", "%25"), path)
	if hasQuery {
		path += "?" + query
	}
	return scheme + "://" + path
}
