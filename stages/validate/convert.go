package validate

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"unsafe"

	"sluice/pipeline"
)

// What a converter keeps for the next record; what one odd record made larger
// goes to the garbage collector.
const (
	keptMembers = 64
	keptMaps    = 256
	keptItems   = 4096
	keptText    = 64 << 10
)

// converter makes the decoded form of records that the library works on, from
// their index: map[string]any, []any, json.Number, string, bool and nil. Of
// duplicate keys the last counts. Its strings are views of the record's bytes
// and its containers are used again, so that nothing may be kept of a result
// after reset. For one goroutine.
type converter struct {
	maps  []map[string]any // all that were made; the first used are in use
	used  int
	items []any    // arena of array elements
	text  []byte   // arena of unescaped strings
	path  []string // to the number that is beyond the bounds, innermost first
	clamp bool     // whether such a number is replaced by one within them
}

var converters = sync.Pool{New: func() any { return new(converter) }}

// convert returns the decoded form of v; ok is false when it has a number
// beyond the bounds, to which path then leads.
func (c *converter) convert(v pipeline.Value) (decoded any, ok bool) {
	switch v.Kind() {
	case pipeline.KindObject:
		return c.object(v)
	case pipeline.KindArray:
		return c.array(v)
	case pipeline.KindString:
		return c.string(v), true
	case pipeline.KindNumber:
		return c.number(v.JSON())
	case pipeline.KindBool:
		b, _ := v.Bool()
		return b, true
	}
	return nil, true
}

func (c *converter) number(text []byte) (any, bool) {
	switch {
	case !costly(text):
		return json.Number(view(text)), true
	case c.clamp:
		return clamped(text), true
	}
	return nil, false
}

func (c *converter) object(v pipeline.Value) (any, bool) {
	m := c.newMap()
	for child := range v.Children() {
		decoded, ok := c.convert(child)
		if !ok {
			c.path = append(c.path, child.Key())
			return nil, false
		}
		m[child.Key()] = decoded
	}
	return m, true
}

func (c *converter) array(v pipeline.Value) (any, bool) {
	items := c.newItems(v.Len())
	i := 0
	for child := range v.Children() {
		decoded, ok := c.convert(child)
		if !ok {
			c.path = append(c.path, strconv.Itoa(i))
			return nil, false
		}
		items[i] = decoded
		i++
	}
	return items, true
}

func (c *converter) string(v pipeline.Value) string {
	spelled := v.JSON()
	if bytes.IndexByte(spelled, '\\') < 0 {
		return view(spelled[1 : len(spelled)-1])
	}
	// Where the arena moves, the old one stays alive through its views.
	lo := len(c.text)
	c.text = v.AppendText(c.text)
	return view(c.text[lo:])
}

func (c *converter) newMap() map[string]any {
	if c.used == len(c.maps) {
		c.maps = append(c.maps, map[string]any{})
	}
	c.used++
	return c.maps[c.used-1]
}

func (c *converter) newItems(n int) []any {
	if n == 0 {
		return []any{}
	}
	lo := len(c.items)
	if lo+n > cap(c.items) {
		// The full block stays alive through the arrays that were cut from it.
		c.items, lo = make([]any, 0, max(n, 2*cap(c.items), 64)), 0
	}
	c.items = c.items[:lo+n]
	return c.items[lo : lo+n : lo+n]
}

// takePath returns the path in the order of a pointer.
func (c *converter) takePath() []string {
	slices.Reverse(c.path)
	return c.path
}

// reset ends the use of what was converted.
func (c *converter) reset() {
	for i, m := range c.maps[:c.used] {
		if len(m) > keptMembers {
			c.maps[i] = map[string]any{}
			continue
		}
		clear(m)
	}
	if len(c.maps) > keptMaps {
		c.maps = slices.Clone(c.maps[:keptMaps])
	}
	if cap(c.items) > keptItems {
		c.items = nil
	}
	clear(c.items)
	if cap(c.text) > keptText {
		c.text = nil
	}
	c.used, c.items, c.text, c.path, c.clamp = 0, c.items[:0], c.text[:0], nil, false
}

// view returns b as a string without a copy. b must not change while the
// string is in use.
func view(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}
