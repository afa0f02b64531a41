package infer

import (
	"strings"

	"sluice/pipeline"
)

// object is what is known of the objects at one place.
type object struct {
	count   int64 // of objects
	members map[string]*member
	order   []*member // as they were first seen
	other   *shape    // of all members' values, once the object is a map; then members is empty
	loose   bool      // there are keys that are in neither, because there was no room
}

// member is what is known of an object's member.
type member struct {
	key     string
	shape   *shape
	present int64   // objects that have it
	last    int64   // the last of them, so that a key that stands twice counts once
	unique  *unique // of the record's own members that were in the first record
}

func newObject() *object { return &object{members: map[string]*member{}} }

func (in *Inference) observeObject(o *object, v pipeline.Value) {
	o.count++
	in.objects++
	serial := in.objects // of this object; those inside it have others
	for child := range v.Children() {
		m := in.member(o, child.Key())
		if m == nil {
			if o.other != nil {
				in.observe(o.other, child)
			}
			continue
		}
		if m.last != serial {
			m.last = serial
			m.present++
		}
		in.observe(m.shape, child)
		if m.unique != nil {
			in.observeUnique(m, child)
		}
	}
}

// member returns an object's member, made when it is new; nil when the object
// is a map, and when there is no room for a new one.
func (in *Inference) member(o *object, key string) *member {
	if o.other != nil {
		return nil
	}
	if m := o.members[key]; m != nil {
		return m
	}
	switch {
	case len(o.order) >= maxMembers || len(key) > maxKeyBytes:
		in.collapse(o)
		return nil
	case in.full:
		o.loose = true
		return nil
	}
	m := &member{key: strings.Clone(key), shape: in.fresh()}
	o.members[m.key] = m
	o.order = append(o.order, m)
	return m
}

// collapse makes the object a map: its members become one shape.
func (in *Inference) collapse(o *object) {
	o.other = &shape{opaque: o.loose}
	in.shapes++
	for _, m := range o.order {
		m.unique.drop(in)
		in.merge(o.other, m.shape)
	}
	o.members, o.order = nil, nil
}

func (in *Inference) mergeObjects(a, b *object) {
	a.count += b.count
	if a.other == nil && b.other != nil {
		in.collapse(a)
	}
	if b.other != nil {
		in.merge(a.other, b.other)
	}
	for _, m := range b.order {
		mine := in.member(a, m.key)
		if mine == nil {
			if a.other != nil {
				in.merge(a.other, m.shape)
			}
			continue
		}
		mine.present += m.present
		in.merge(mine.shape, m.shape)
	}
}

// The signs of an object whose keys are data, such as ids: many of them, and
// each in few of the objects.
const (
	mapKeys  = 24
	mapShare = 10 // on average a key is in less than one of so many objects
)

// collapseMaps makes maps of the objects inside s that look like it.
func (in *Inference) collapseMaps(s *shape, root bool) {
	if s.array != nil {
		in.collapseMaps(s.array.items, false)
	}
	if s.object == nil {
		return
	}
	o := s.object
	if !root && o.looksLikeMap() {
		in.collapse(o)
	}
	if o.other != nil {
		in.collapseMaps(o.other, false)
	}
	for _, m := range o.order {
		in.collapseMaps(m.shape, false)
	}
}

func (o *object) looksLikeMap() bool {
	n := int64(len(o.order))
	if n < mapKeys {
		return false
	}
	present := int64(0)
	for _, m := range o.order {
		present += m.present
	}
	return present*mapShare < n*o.count
}
