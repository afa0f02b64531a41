package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"sluice/pipeline"
)

// goField returns field i as expr knows values: nil, bool, int, float64,
// string, []any and map[string]any.
func (m *Machine) goField(i int) (any, error) {
	s := m.field(i)
	switch s.result.Kind {
	case KindNull:
		return nil, nil
	case KindText:
		return string(s.result.text), nil
	}
	return goValue(s.value)
}

// goValue decodes a value.
func goValue(v pipeline.Value) (any, error) {
	switch v.Kind() {
	case pipeline.KindBool:
		b, _ := v.Bool()
		return b, nil
	case pipeline.KindNumber:
		return goNumber(v)
	case pipeline.KindString:
		return string(v.AppendText(nil)), nil
	case pipeline.KindArray:
		list := make([]any, 0, v.Len())
		for child := range v.Children() {
			element, err := goValue(child)
			if err != nil {
				return nil, err
			}
			list = append(list, element)
		}
		return list, nil
	case pipeline.KindObject:
		object := make(map[string]any, v.Len())
		for child := range v.Children() {
			member, err := goValue(child)
			if err != nil {
				return nil, err
			}
			object[child.Key()] = member
		}
		return object, nil
	}
	return nil, nil
}

func goNumber(v pipeline.Value) (any, error) {
	switch n := number(v); n.Kind {
	case KindInt:
		return int(n.Int()), nil
	case KindFloat:
		return n.Float(), nil
	}
	return nil, fmt.Errorf("the number %.40s is beyond what can be computed with", v.JSON())
}

// goRecord decodes the whole record, with what earlier steps changed in it.
func (m *Machine) goRecord() (any, error) {
	text := m.record.AppendJSON(nil)
	nodes, err := pipeline.Scan(nil, text, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	return goValue(pipeline.NewValue(text, nodes))
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
		return m.textOf(v), nil
	case time.Time:
		return m.textOf(v.Format(time.RFC3339Nano)), nil
	case time.Duration:
		return m.textOf(v.String()), nil
	}
	return jsonResult(out)
}

func (m *Machine) textOf(s string) Result {
	start := len(m.scratch)
	m.scratch = append(m.scratch, s...)
	return textResult(m.scratch[start:])
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
