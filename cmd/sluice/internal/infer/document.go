package infer

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// document is a JSON object whose members keep their order.
type document []field

type field struct {
	key   string
	value any // string, int64, nil, []string, []any or document
}

// appendJSON appends a value as JSON.
func appendJSON(dst []byte, value any) []byte {
	switch value := value.(type) {
	case document:
		dst = append(dst, '{')
		for i, f := range value {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendText(dst, f.key), ':')
			dst = appendJSON(dst, f.value)
		}
		return append(dst, '}')
	case []string:
		return appendList(dst, value)
	case []any:
		return appendList(dst, value)
	case string:
		return appendText(dst, value)
	case nil:
		return append(dst, "null"...)
	}
	return fmt.Append(dst, value)
}

func appendList[T any](dst []byte, list []T) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, v)
	}
	return append(dst, ']')
}

// appendText appends a JSON string, and leaves <, > and & as they are.
func appendText(dst []byte, s string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	// A string is always encoded; the encoder adds a line end.
	_ = encoder.Encode(s)
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// indent returns the document as text for a person.
func indent(d document) []byte {
	var b bytes.Buffer
	// What appendJSON made is JSON.
	_ = json.Indent(&b, appendJSON(nil, d), "", "  ")
	return b.Bytes()
}
