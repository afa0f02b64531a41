package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"sluice/pipeline"
)

// goField returns field i as expr knows values: nil, bool, int, float64,
// string, []any and map[string]any.
func (m *Machine) goField(i int) any {
	s := m.field(i)
	if s.result.Kind == KindText {
		return string(s.result.text)
	}
	return goValue(s.value)
}

// goValue decodes a value.
func goValue(v pipeline.Value) any {
	switch v.Kind() {
	case pipeline.KindBool:
		b, _ := v.Bool()
		return b
	case pipeline.KindNumber:
		return goNumber(v)
	case pipeline.KindString:
		return string(v.AppendText(nil))
	case pipeline.KindArray:
		list := make([]any, 0, v.Len())
		for child := range v.Children() {
			list = append(list, goValue(child))
		}
		return list
	case pipeline.KindObject:
		object := make(map[string]any, v.Len())
		for child := range v.Children() {
			object[child.Key()] = goValue(child)
		}
		return object
	}
	return nil
}

func goNumber(v pipeline.Value) any {
	n := number(v)
	if n.Kind == KindInt {
		return int(n.Int())
	}
	return n.Float()
}

// goRecord decodes the whole record, with what earlier steps changed in it.
func (m *Machine) goRecord() (any, error) {
	text := m.record.AppendJSON(nil)
	nodes, err := pipeline.Scan(nil, text, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	return goValue(pipeline.NewValue(text, nodes)), nil
}

// result makes a Result of what expr's machine returned.
func (m *Machine) result(out any) (Result, error) {
	switch v := out.(type) {
	case nil:
		return Result{Kind: KindNull}, nil
	case bool:
		return boolResult(v), nil
	case int:
		return intResult(int64(v)), nil
	case int64:
		return intResult(v), nil
	case float64:
		return floatResult(v), nil
	case string:
		return m.textResult(v)
	case time.Time:
		return m.textResult(v.Format(time.RFC3339Nano))
	case time.Duration:
		return m.textResult(v.String())
	}
	return jsonResult(out)
}

// textResult refuses what is not UTF-8: a slice such as name[0:1] can cut a
// character.
func (m *Machine) textResult(s string) (Result, error) {
	if !utf8.ValidString(s) {
		return Result{}, errors.New("the result is not UTF-8 text; a slice counts bytes and may have cut a character")
	}
	start := len(m.scratch)
	m.scratch = append(m.scratch, s...)
	return textResult(m.scratch[start:]), nil
}

func jsonResult(v any) (Result, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return Result{}, fmt.Errorf("the result, a %T, is no JSON value: %w", v, err)
	}
	return Result{Kind: KindJSON, text: bytes.TrimSpace(b.Bytes())}, nil
}
