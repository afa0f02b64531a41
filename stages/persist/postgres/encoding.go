package postgres

import "sluice/stages/persist/row"

// format is how the server reads a value in COPY's binary format.
type format uint8

const (
	formatText format = iota // text, varchar, char, and json, which is text to COPY
	formatBytea
	formatJSON  // json: any value as its JSON text
	formatJSONB // jsonb
	formatInt8
	formatInt4
	formatInt2
	formatWhole // a whole number into numeric
	formatNumeric
	formatFloat8
	formatFloat4
	formatBool
	formatTimestamp
	formatDate
	formatUUID
	formatInet
	formatCIDR
)

// encoding is a format, or a list of it.
type encoding struct {
	typ     row.Type // of the value, or of each element
	format  format
	list    bool
	element uint32 // OID of a list's elements
}

// The OIDs of the types that rows can go into (pg_type.dat).
const (
	oidBool        = 16
	oidBytea       = 17
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidJSON        = 114
	oidCIDR        = 650
	oidFloat4      = 700
	oidFloat8      = 701
	oidInet        = 869
	oidBpchar      = 1042
	oidVarchar     = 1043
	oidDate        = 1082
	oidTimestamp   = 1114
	oidTimestamptz = 1184
	oidNumeric     = 1700
	oidUUID        = 2950
	oidJSONB       = 3802
)

// formats are what each type of the configuration can go into.
var formats = map[row.Type]map[uint32]format{
	row.TypeText:      {oidText: formatText, oidVarchar: formatText, oidBpchar: formatText},
	row.TypeInteger:   {oidInt8: formatInt8, oidInt4: formatInt4, oidInt2: formatInt2, oidNumeric: formatWhole},
	row.TypeReal:      {oidFloat8: formatFloat8, oidFloat4: formatFloat4},
	row.TypeNumeric:   {oidNumeric: formatNumeric},
	row.TypeBoolean:   {oidBool: formatBool},
	row.TypeTimestamp: {oidTimestamptz: formatTimestamp, oidTimestamp: formatTimestamp},
	row.TypeDate:      {oidDate: formatDate},
	row.TypeUUID:      {oidUUID: formatUUID},
	row.TypeInet:      {oidInet: formatInet, oidCIDR: formatCIDR},
	row.TypeJSON:      {oidJSONB: formatJSONB, oidJSON: formatJSON, oidText: formatJSON},
}

// rawFormats are what the line as it came in can go into: it is JSON.
var rawFormats = map[uint32]format{
	oidText: formatText, oidVarchar: formatText, oidJSON: formatText, oidJSONB: formatJSONB, oidBytea: formatBytea,
}

// declared is the type that a column of the configuration gets in a table that
// sluice makes.
func declared(t row.Type) string {
	if element, ok := t.Element(); ok {
		return declared(element) + "[]"
	}
	switch t {
	case row.TypeInteger:
		return "bigint"
	case row.TypeReal:
		return "double precision"
	case row.TypeTimestamp:
		return "timestamptz"
	case row.TypeJSON:
		return "jsonb"
	default: // text, numeric, boolean, date, uuid, inet
		return string(t)
	}
}

// takes says in a message what fits the column.
func (e encoding) takes() string {
	one := e.typ.Takes()
	switch e.format {
	case formatInt4:
		one = "an integer within 32 bits"
	case formatInt2:
		one = "an integer within 16 bits"
	case formatFloat4:
		one = "a number within 32-bit floating point"
	case formatCIDR:
		one += ", no bit of it set beyond the prefix"
	case formatNumeric:
		one = "a number of at most 131072 digits before the point and 16383 behind it"
	case formatText:
		if e.typ == row.TypeText {
			one += `, without \u0000`
		}
	case formatJSONB:
		one += `, without \u0000 and halves of surrogate pairs`
	}
	if e.list {
		return "a list, each element null or " + one
	}
	return one
}
