package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Type says what the cells of a CSV column are.
type Type string

// The types of a column. An empty cell of any but TypeText is no value.
const (
	TypeText    Type = "text"
	TypeInteger Type = "integer"
	TypeReal    Type = "real"
	TypeBoolean Type = "boolean" // true, false, 1, 0
	TypeJSON    Type = "json"
)

// Types lists the types, for messages.
var Types = []string{string(TypeText), string(TypeInteger), string(TypeReal), string(TypeBoolean), string(TypeJSON)}

// encoder makes a JSON text of a cell, or nil for no value.
type encoder func(cell string) ([]byte, error)

func (t Type) encoder() (encoder, error) {
	switch t {
	case "", TypeText:
		return encodeText, nil
	case TypeInteger:
		return valued(encodeInteger), nil
	case TypeReal:
		return valued(encodeReal), nil
	case TypeBoolean:
		return valued(encodeBoolean), nil
	case TypeJSON:
		return valued(encodeJSON), nil
	}
	return nil, fmt.Errorf("unknown type %q; expected one of %v", t, Types)
}

func valued(encode encoder) encoder {
	return func(cell string) ([]byte, error) {
		if cell == "" {
			return nil, nil
		}
		return encode(cell)
	}
}

func encodeText(cell string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(cell)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func encodeInteger(cell string) ([]byte, error) {
	n, err := strconv.ParseInt(cell, 10, 64)
	if err != nil {
		return nil, unfit(cell, TypeInteger)
	}
	return strconv.AppendInt(nil, n, 10), nil
}

func encodeReal(cell string) ([]byte, error) {
	f, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, unfit(cell, TypeReal)
	}
	return json.Marshal(f)
}

func encodeBoolean(cell string) ([]byte, error) {
	switch cell {
	case "true", "1":
		return []byte("true"), nil
	case "false", "0":
		return []byte("false"), nil
	}
	return nil, unfit(cell, TypeBoolean)
}

func encodeJSON(cell string) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(cell)); err != nil {
		return nil, unfit(cell, TypeJSON)
	}
	return b.Bytes(), nil
}

func unfit(cell string, t Type) error {
	return fmt.Errorf("%.60q is no %s", cell, t)
}
