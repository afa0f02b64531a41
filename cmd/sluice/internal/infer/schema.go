package infer

import (
	"sluice/pipeline"
)

// Options say how much of what was seen a schema asks for.
type Options struct {
	// Ranges adds the bounds of numbers and of the lengths of strings and
	// arrays. They are those of the records that were read; others may well lie
	// outside.
	Ranges bool
}

// draft is the dialect of the schemas.
const draft = "https://json-schema.org/draft/2020-12/schema"

// Schema returns a JSON Schema, indented, that accepts every record that was
// added. Members are in the order in which they were first seen.
func (in *Inference) Schema(o Options) []byte {
	in.collapseMaps(in.root, true)
	schema := document{{"$schema", draft}}
	return append(indent(append(schema, o.schema(in.root)...)), '\n')
}

// schema returns the keywords for a shape; none where anything goes.
func (o Options) schema(s *shape) document {
	types := s.types()
	if len(types) == 0 {
		return nil
	}
	d := document{{"type", types}}
	if len(types) == 1 {
		d[0].value = types[0]
	}
	if s.text != nil {
		d = append(d, o.texts(s)...)
	}
	if s.number != nil && o.Ranges {
		if least, most, ok := s.number.bounds(); ok {
			d = append(d, field{"minimum", least}, field{"maximum", most})
		}
	}
	if s.array != nil {
		d = append(d, o.arrays(s.array)...)
	}
	if s.object != nil {
		d = append(d, o.object(s.object)...)
	}
	return d
}

// types returns the types of the values. Where all were null, nothing is known.
func (s *shape) types() []string {
	if s.opaque || s.count == s.kinds[pipeline.KindNull] {
		return nil
	}
	var types []string
	for _, kind := range []pipeline.Kind{
		pipeline.KindObject, pipeline.KindArray, pipeline.KindString, pipeline.KindNumber, pipeline.KindBool, pipeline.KindNull,
	} {
		switch {
		case s.kinds[kind] == 0:
		case kind == pipeline.KindNumber && s.number.whole:
			types = append(types, "integer")
		default:
			types = append(types, kind.String())
		}
	}
	return types
}

func (o Options) texts(s *shape) (d document) {
	t := s.text
	if name := t.format(); name != "" {
		d = append(d, field{"format", name})
	} else if values := t.enum(); values != nil && s.only(pipeline.KindString) {
		list := make([]any, 0, len(values)+1)
		for _, v := range values {
			list = append(list, v)
		}
		if s.kinds[pipeline.KindNull] > 0 {
			list = append(list, nil)
		}
		return append(d, field{"enum", list})
	}
	if o.Ranges {
		d = append(d, field{"minLength", t.shortest}, field{"maxLength", t.longest})
	}
	return d
}

func (o Options) arrays(a *arrays) (d document) {
	if items := o.schema(a.items); len(items) > 0 {
		d = append(d, field{"items", items})
	}
	if o.Ranges {
		d = append(d, field{"minItems", a.fewest}, field{"maxItems", a.most})
	}
	return d
}

func (o Options) object(ob *object) (d document) {
	if ob.other != nil {
		if values := o.schema(ob.other); len(values) > 0 {
			d = append(d, field{"additionalProperties", values})
		}
		return d
	}
	var properties document
	var required []string
	for _, m := range ob.order {
		properties = append(properties, field{m.key, o.schema(m.shape)})
		if m.present == ob.count {
			required = append(required, m.key)
		}
	}
	if len(properties) > 0 {
		d = append(d, field{"properties", properties})
	}
	if len(required) > 0 {
		d = append(d, field{"required", required})
	}
	return d
}
