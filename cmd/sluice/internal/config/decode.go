package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"sluice/pipeline"
)

// decoder fills a struct from a document and goes on after each mistake, so
// that all are known at the end. Types that read YAML themselves are left to do
// so; everything else has the yaml tags of this package's structs.
type decoder struct {
	doc      *document
	problems Problems
}

// shorthand is a struct that may also be written as a single value.
type shorthand interface{ setShort(text string) }

func (d *decoder) bad(n ast.Node, key, format string, args ...any) {
	d.problems.add(d.doc.at(n, key, format, args...))
}

// value decodes n into v. A key without a value leaves v as it is.
func (d *decoder) value(n ast.Node, v reflect.Value, key string) {
	if n == nil || n.Type() == ast.NullType {
		return
	}
	switch target := v.Addr().Interface().(type) {
	case yaml.NodeUnmarshaler, yaml.NodeUnmarshalerContext, yaml.BytesUnmarshaler,
		yaml.BytesUnmarshalerContext, yaml.InterfaceUnmarshaler, yaml.InterfaceUnmarshalerContext:
		d.foreign(n, target, key)
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.text(n, key); ok {
			if err := target.UnmarshalText([]byte(text)); err != nil {
				d.bad(n, key, "%v", err)
			}
		}
		return
	}
	if short, ok := v.Addr().Interface().(shorthand); ok {
		if _, scalar := n.(ast.ScalarNode); scalar {
			if text, ok := d.text(n, key); ok {
				short.setShort(text)
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem(), key)
	case reflect.Struct:
		d.structure(n, v, key)
	case reflect.Map:
		d.mapping(n, v, key)
	case reflect.Slice:
		d.list(n, v, key)
	case reflect.String:
		if text, ok := d.text(n, key); ok {
			v.SetString(text)
		}
	case reflect.Int:
		if number, err := strconv.Atoi(strings.ReplaceAll(n.GetToken().Value, "_", "")); err == nil && n.Type() == ast.IntegerType {
			v.SetInt(int64(number))
		} else {
			d.bad(n, key, "found %s; expected a whole number", describe(n))
		}
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
		} else {
			d.bad(n, key, "found %s; expected true or false", describe(n))
		}
	default:
		panic(fmt.Sprintf("config: no way to decode a %s", v.Type()))
	}
}

// text returns a scalar as it is spelled.
func (d *decoder) text(n ast.Node, key string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case ast.ScalarNode:
		return n.GetToken().Value, true
	}
	d.bad(n, key, "found %s; expected a single value", describe(n))
	return "", false
}

func (d *decoder) structure(n ast.Node, v reflect.Value, key string) {
	values, ok := members(n)
	if !ok {
		d.bad(n, key, "found %s; expected a mapping with %s", describe(n), oneOf(keysOf(v.Type())))
		return
	}
	for _, m := range values {
		name := keyText(m)
		field, ok := fieldOf(v, name)
		if !ok {
			d.unknown(m, joinKey(key, name), name, keysOf(v.Type()))
			continue
		}
		d.value(m.Value, field, joinKey(key, name))
	}
}

func (d *decoder) unknown(m *ast.MappingValueNode, key, name string, known []string) {
	if near := Nearest(name, known); near != "" {
		d.bad(m, key, "unknown key; did you mean %s?", near)
		return
	}
	d.bad(m, key, "unknown key; expected %s", oneOf(known))
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, key string) {
	values, ok := members(n)
	if !ok {
		d.bad(n, key, "found %s; expected a mapping", describe(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, m := range values {
		name := keyText(m)
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(m.Value, element, joinKey(key, name))
		v.SetMapIndex(reflect.ValueOf(name), element)
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, key string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		d.bad(n, key, "found %s; expected a list", describe(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	for i, element := range list.Values {
		d.value(element, v.Index(i), joinIndex(key, i))
	}
}

// foreign lets a type that reads YAML itself do so, and finds the places of
// what it complains about.
func (d *decoder) foreign(n ast.Node, target any, key string) {
	err := yaml.NodeToValue(n, target, yaml.Strict())
	if err == nil {
		return
	}
	var found []*pipeline.ConfigError
	if collect(err, &found) {
		for _, e := range found {
			d.problems.add(d.doc.locate(join(key, e.Key), e.Message))
		}
		return
	}
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		d.problems.add(d.doc.atToken(e.GetToken(), key, e.GetMessage()))
		return
	}
	d.bad(n, key, "%v", err)
}

// fieldOf returns the field of a struct that has the key, embedded structs
// included.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			if field, ok := fieldOf(v.Field(i), key); ok {
				return field, true
			}
		} else if f.Tag.Get("yaml") == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// keysOf returns the keys of a struct, its own before those of embedded ones.
func keysOf(t reflect.Type) []string {
	var own, embedded []string
	for f := range t.Fields() {
		if f.Anonymous {
			embedded = append(embedded, keysOf(f.Type)...)
		} else {
			own = append(own, f.Tag.Get("yaml"))
		}
	}
	return append(own, embedded...)
}

// oneOf lists words as a sentence does: a, b or c.
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
