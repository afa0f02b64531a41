package infer

import "sluice/pipeline"

// shape is what is known of the values at one place.
type shape struct {
	opaque bool  // nothing is known, anything goes
	count  int64 // of values
	kinds  [pipeline.KindObject + 1]int64
	number *numbers
	text   *texts
	array  *arrays
	object *object
}

// fresh returns a shape for a new place; an opaque one when there are too many.
func (in *Inference) fresh() *shape {
	if in.full = in.full || in.shapes >= in.maxShapes; in.full {
		return &shape{opaque: true}
	}
	in.shapes++
	return &shape{}
}

// observe takes a value in.
func (in *Inference) observe(s *shape, v pipeline.Value) {
	s.count++
	if s.opaque {
		return
	}
	kind := v.Kind()
	s.kinds[kind]++
	switch kind {
	case pipeline.KindNumber:
		if s.number == nil {
			s.number = newNumbers()
		}
		s.number.observe(v)
	case pipeline.KindString:
		if s.text == nil {
			s.text = newTexts()
		}
		in.buf = s.text.observe(in.buf, v)
	case pipeline.KindArray:
		if s.array == nil {
			s.array = &arrays{items: in.fresh(), fewest: -1}
		}
		in.observeArray(s.array, v)
	case pipeline.KindObject:
		if s.object == nil {
			s.object = newObject()
		}
		in.observeObject(s.object, v)
	}
}

// only says whether all values are of the given kinds, null aside.
func (s *shape) only(kinds ...pipeline.Kind) bool {
	n := s.kinds[pipeline.KindNull]
	for _, k := range kinds {
		n += s.kinds[k]
	}
	return !s.opaque && n == s.count && n > s.kinds[pipeline.KindNull]
}

// arrays is what is known of the arrays at one place.
type arrays struct {
	items        *shape // of all elements
	fewest, most int64  // elements; fewest is -1 before the first
}

func (in *Inference) observeArray(a *arrays, v pipeline.Value) {
	n := int64(0)
	for item := range v.Children() {
		in.observe(a.items, item)
		n++
	}
	if a.fewest < 0 || n < a.fewest {
		a.fewest = n
	}
	a.most = max(a.most, n)
}

// merge takes what b knows into a. b is not used any more.
func (in *Inference) merge(a, b *shape) {
	if !b.opaque {
		in.shapes--
	}
	a.count += b.count
	if a.opaque {
		return
	}
	if b.opaque || a.object != nil && b.object != nil && (a.object.loose || b.object.loose) {
		*a = shape{opaque: true, count: a.count}
		return
	}
	for i, n := range b.kinds {
		a.kinds[i] += n
	}
	a.number = merged(a.number, b.number, (*numbers).merge)
	a.text = merged(a.text, b.text, (*texts).merge)
	a.array = merged(a.array, b.array, in.mergeArrays)
	a.object = merged(a.object, b.object, in.mergeObjects)
}

// merged returns the one that is there, or a after taking b in.
func merged[T any](a, b *T, merge func(a, b *T)) *T {
	switch {
	case a == nil:
		return b
	case b != nil:
		merge(a, b)
	}
	return a
}

func (in *Inference) mergeArrays(a, b *arrays) {
	in.merge(a.items, b.items)
	a.fewest, a.most = min(a.fewest, b.fewest), max(a.most, b.most)
}
