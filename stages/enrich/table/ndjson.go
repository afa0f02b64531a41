package table

import (
	"bytes"
	"fmt"

	"sluice/pipeline"
)

// readNDJSON reads an object a line. Columns are field paths, values stay as
// they are spelled; a row may lack a column, but not the key.
func (b *builder) readNDJSON(c Config, text []byte) error {
	key, err := pipeline.ParsePath(c.Key)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	columns := make([]pipeline.Path, len(c.Columns))
	for i, name := range c.Columns {
		if columns[i], err = pipeline.ParsePath(name); err != nil {
			return fmt.Errorf("column: %w", err)
		}
	}
	for number := 1; len(text) > 0; number++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := b.readObject(string(line), key, columns); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

func (b *builder) readObject(line string, key pipeline.Path, columns []pipeline.Path) error {
	r := pipeline.NewBatch(pipeline.LaneNormal, line).Record(0)
	if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
		return err
	}
	if kind := r.Root().Kind(); kind != pipeline.KindObject {
		return fmt.Errorf("found a JSON %s; expected an object", kind)
	}
	k := r.Get(key)
	switch k.Kind() {
	case pipeline.KindString, pipeline.KindNumber, pipeline.KindBool:
	default:
		return fmt.Errorf("the key %s is %s; expected a string, a number or a boolean", key, k.Kind())
	}
	b.row = b.row[:0]
	for _, column := range columns {
		var json []byte
		if v := r.Get(column); v.Exists() {
			json = b.share(v.JSON())
		}
		b.row = append(b.row, json)
	}
	b.add(k.AppendText(nil))
	return nil
}
