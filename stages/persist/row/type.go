package row

import (
	"strings"

	"sluice/stages/nearest"
)

// Type is the type of a column. One with [] behind it is a list of that type.
type Type string

// The types of a column, and what fits each. A missing field and null are NULL
// in any.
const (
	TypeText      Type = "text"      // a string; a number or boolean as it is spelled
	TypeInteger   Type = "integer"   // a whole number within 64 bits, however it is spelled
	TypeReal      Type = "real"      // a number within float64
	TypeNumeric   Type = "numeric"   // a number, exactly as it is spelled
	TypeBoolean   Type = "boolean"   // true or false
	TypeTimestamp Type = "timestamp" // an RFC 3339 string; stored as RFC 3339 text in UTC where there is no type for it
	TypeDate      Type = "date"      // a string such as 2026-11-22
	TypeUUID      Type = "uuid"      // a string of 32 hexadecimal digits, with hyphens or without
	TypeInet      Type = "inet"      // a string: an IP address, with a prefix length or without
	TypeJSON      Type = "json"      // any value, as its JSON text
)

// Types are all types but the lists, in the order that messages name them.
var Types = [...]Type{TypeText, TypeInteger, TypeReal, TypeNumeric, TypeBoolean, TypeTimestamp, TypeDate, TypeUUID, TypeInet, TypeJSON}

// listSuffix makes a list of a type.
const listSuffix = "[]"

// Element returns the type of a list's elements; false when t is no list.
func (t Type) Element() (Type, bool) {
	element, ok := strings.CutSuffix(string(t), listSuffix)
	return Type(element), ok
}

// Known says whether t is one of Types, or a list of one.
func (t Type) Known() bool {
	element, _ := t.Element()
	for _, known := range Types {
		if element == known {
			return true
		}
	}
	return false
}

// Takes says in a message what fits the type.
func (t Type) Takes() string {
	if element, ok := t.Element(); ok {
		return "a list, each element null or " + element.Takes()
	}
	switch t {
	case TypeText:
		return "a string, a number or a boolean"
	case TypeInteger:
		return "an integer"
	case TypeReal, TypeNumeric:
		return "a number"
	case TypeBoolean:
		return "true or false"
	case TypeTimestamp:
		return "an RFC 3339 timestamp"
	case TypeDate:
		return "a date such as 2026-11-22"
	case TypeUUID:
		return "a UUID"
	case TypeInet:
		return "an IP address"
	default:
		return "any JSON value"
	}
}

// typeWords are what people write for a type out of habit.
var typeWords = map[string]Type{
	"string": TypeText, "str": TypeText, "varchar": TypeText, "char": TypeText, "keyword": TypeText,
	"int": TypeInteger, "bigint": TypeInteger, "int64": TypeInteger, "long": TypeInteger, "number": TypeReal,
	"float": TypeReal, "double": TypeReal, "decimal": TypeNumeric, "money": TypeNumeric,
	"bool": TypeBoolean, "datetime": TypeTimestamp, "time": TypeTimestamp, "timestamptz": TypeTimestamp, "day": TypeDate,
	"guid": TypeUUID, "ip": TypeInet, "ipv4": TypeInet, "ipv6": TypeInet, "cidr": TypeInet,
	"jsonb": TypeJSON, "object": TypeJSON, "array": TypeJSON,
}

// Nearest returns the type that was probably meant by a word that names none,
// or "".
func Nearest(word string) Type {
	if element, ok := Type(word).Element(); ok {
		if t := Nearest(string(element)); t != "" {
			return t + listSuffix
		}
		return ""
	}
	if Type(word).Known() {
		return Type(word)
	}
	if t, ok := typeWords[word]; ok {
		return t
	}
	best, distance := Type(""), 3
	for _, t := range Types {
		if d := nearest.Distance(word, string(t)); d < distance {
			best, distance = t, d
		}
	}
	return best
}
