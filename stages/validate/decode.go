package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// decodeSchema decodes a schema document with its numbers as they are spelled.
// An error names the line and the column.
func decodeSchema(data []byte, shown string) (any, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		return nil, notJSON(data, shown, dec.InputOffset(), err)
	}
	end := dec.InputOffset()
	if rest := bytes.TrimLeft(data[end:], " \t\r\n"); len(rest) > 0 {
		return nil, notJSON(data, shown, int64(len(data)-len(rest)), errors.New("expected nothing after the schema"))
	}
	if path, found := costlyIn(doc); found {
		return nil, fmt.Errorf("%s: the number at #%s has more than %d digits or an exponent beyond %d, which cannot be checked",
			shown, shorten(pointer(path), maxPointer), maxNumberBytes, maxExponent)
	}
	return doc, nil
}

func notJSON(data []byte, shown string, offset int64, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = max(syntax.Offset-1, 0) // it counts the byte at fault
	}
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return fmt.Errorf("%s: the file is empty; expected a JSON Schema", shown)
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(data))
		err = errors.New("the file ends in the middle of a value")
	}
	before := data[:min(offset, int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len(bytes.Runes(before[bytes.LastIndexByte(before, '\n')+1:]))
	return fmt.Errorf("%s:%d:%d: not JSON: %w", shown, line, column, err)
}

// costlyIn returns the path of the first number beyond the bounds.
func costlyIn(doc any) (path []string, found bool) {
	switch v := doc.(type) {
	case json.Number:
		return nil, costly([]byte(v))
	case []any:
		for i, item := range v {
			if path, found := costlyIn(item); found {
				return append([]string{strconv.Itoa(i)}, path...), true
			}
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if path, found := costlyIn(v[key]); found {
				return append([]string{key}, path...), true
			}
		}
	}
	return nil, false
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
