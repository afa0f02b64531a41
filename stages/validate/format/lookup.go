package format

import (
	"maps"
	"slices"
	"unsafe"
)

// checks are the formats that are known, by name.
var checks = map[string]func(text []byte) bool{
	"date":                  isDate,
	"date-time":             isDateTime,
	"duration":              isDuration,
	"email":                 isEmail,
	"hostname":              isHostname,
	"idn-email":             isIDNEmail,
	"idn-hostname":          isIDNHostname,
	"ipv4":                  isIPv4,
	"ipv6":                  isIPv6,
	"iri":                   isIRI,
	"iri-reference":         isIRIReference,
	"json-pointer":          isJSONPointer,
	"regex":                 isRegex,
	"relative-json-pointer": isRelativeJSONPointer,
	"time":                  isTime,
	"uri":                   isURI,
	"uri-reference":         isURIReference,
	"uri-template":          isURITemplate,
	"uuid":                  isUUID,
}

// Lookup returns the check of a format, nil for a name that is not known: such a
// format is an annotation always. The check is called with the decoded text of a
// string, which is UTF-8, and keeps nothing of it. Any number of goroutines may
// call it.
func Lookup(name string) func(text []byte) bool { return checks[name] }

// examples are what messages show of formats whose names do not say it all.
var examples = map[string]string{
	"date":                  "2026-11-22",
	"date-time":             "2026-11-22T06:05:04Z",
	"duration":              "P1DT12H",
	"email":                 "jane@example.com",
	"hostname":              "www.example.com",
	"ipv4":                  "192.0.2.1",
	"ipv6":                  "2001:db8::1",
	"json-pointer":          "/a/0",
	"relative-json-pointer": "1/a",
	"time":                  "06:05:04Z",
	"uri":                   "https://example.com/a",
	"uri-template":          "/a/{id}",
	"uuid":                  "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
}

// Example returns a text that has a format, for a message; "" when its name says
// enough or is not known.
func Example(name string) string { return examples[name] }

// Names returns the names of all formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(checks)) }

// view returns b as a string without a copy, for as long as b does not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return c|0x20-'a' <= 'z'-'a' }

func isHex(c byte) bool { return isDigit(c) || c|0x20-'a' <= 'f'-'a' }
