// Package timestamp reads the timestamps of records: RFC 3339 texts.
package timestamp
