package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// object is a JSON object in the making. Its members keep their order, and a
// bad record is made by changing one.
type object struct {
	keys   []string
	values map[string]string // JSON texts
}

func newObject() *object { return &object{values: map[string]string{}} }

// raw sets a member to a JSON text.
func (o *object) raw(key, text string) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = text
}

func (o *object) text(key, s string)      { o.raw(key, quote(s)) }
func (o *object) int(key string, n int64) { o.raw(key, strconv.FormatInt(n, 10)) }

// remove takes a member out.
func (o *object) remove(key string) { delete(o.values, key) }

func (o *object) String() string {
	var sb strings.Builder
	sb.WriteByte('{')
	for _, k := range o.keys {
		v, ok := o.values[k]
		if !ok {
			continue
		}
		if sb.Len() > 1 {
			sb.WriteByte(',')
		}
		sb.WriteString(quote(k) + ":" + v)
	}
	return sb.String() + "}"
}

// quote returns s as JSON, characters beyond ASCII as they are.
func quote(s string) string {
	var sb strings.Builder
	enc := json.NewEncoder(&sb)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(sb.String(), "\n")
}

// quoteASCII returns s as JSON as older loggers write it, characters beyond
// ASCII and slashes escaped.
func quoteASCII(s string) string {
	var sb strings.Builder
	for _, r := range quote(s) {
		switch {
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&sb, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r > 0x7e:
			fmt.Fprintf(&sb, `\u%04x`, r)
		case r == '/':
			sb.WriteString(`\/`)
		default:
			sb.WriteRune(r)
		}
	}
	return sb.String()
}
