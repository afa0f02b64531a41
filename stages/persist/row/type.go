package row

import "sluice/stages/nearest"

// Type is the type of a column.
type Type string

// The types of a column, and what fits each. A missing field and null are NULL
// in any.
const (
	TypeText      Type = "text"      // a string; a number or boolean as it is spelled
	TypeInteger   Type = "integer"   // a whole number within 64 bits, however it is spelled
	TypeReal      Type = "real"      // a number within float64
	TypeBoolean   Type = "boolean"   // true or false
	TypeTimestamp Type = "timestamp" // an RFC 3339 string; stored as RFC 3339 text in UTC
	TypeJSON      Type = "json"      // any value, as its JSON text
)

// Types are all types, in the order that messages name them.
var Types = [...]Type{TypeText, TypeInteger, TypeReal, TypeBoolean, TypeTimestamp, TypeJSON}

// Known says whether t is one of Types.
func (t Type) Known() bool {
	for _, known := range Types {
		if t == known {
			return true
		}
	}
	return false
}

// takes says in a message what fits the type.
func (t Type) takes() string {
	switch t {
	case TypeText:
		return "a string, a number or a boolean"
	case TypeInteger:
		return "an integer"
	case TypeReal:
		return "a number"
	case TypeBoolean:
		return "true or false"
	case TypeTimestamp:
		return "an RFC 3339 timestamp"
	default:
		return "any JSON value"
	}
}

// typeWords are what people write for a type out of habit.
var typeWords = map[string]Type{
	"string": TypeText, "str": TypeText, "varchar": TypeText, "char": TypeText, "keyword": TypeText,
	"int": TypeInteger, "bigint": TypeInteger, "int64": TypeInteger, "long": TypeInteger, "number": TypeReal,
	"float": TypeReal, "double": TypeReal, "decimal": TypeReal, "numeric": TypeReal,
	"bool": TypeBoolean, "date": TypeTimestamp, "datetime": TypeTimestamp, "time": TypeTimestamp, "timestamptz": TypeTimestamp,
	"jsonb": TypeJSON, "object": TypeJSON, "array": TypeJSON,
}

// Nearest returns the type that was probably meant by a word that names none,
// or "".
func Nearest(word string) Type {
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
