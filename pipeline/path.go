package pipeline

import (
	"strconv"
	"strings"
)

// Path names a field: keys with dots between them and [n] for array elements.
// A key that has a dot, a bracket or a quote is quoted, as a JSON string:
// "id.orig_h". A Path is parsed once and may be used by any number of
// goroutines.
type Path struct {
	segs []segment
}

// segment is one step of a path: into an object by key, or into an array by
// index.
type segment struct {
	key    string // the key, unescaped; "" when index >= 0
	index  int    // array index, or -1
	json   []byte // the key as JSON, quotes included
	member []byte // what stands before the value of a further member: comma, key and colon
	bit    keySet // of the key
}

func keySegment(key string) segment {
	member := append(appendQuoted([]byte{','}, key), ':')
	end := len(member) - 1
	return segment{key: key, index: -1, json: member[1:end:end], member: member, bit: keyBit(key)}
}

// MustPath is ParsePath for constants; it panics on a mistake.
func MustPath(s string) Path {
	p, err := ParsePath(s)
	if err != nil {
		panic(err)
	}
	return p
}

// KeyPath is the path of a top-level key taken literally, dots and all. What
// is not UTF-8 in it becomes U+FFFD, as no record has such a key.
func KeyPath(key string) Path {
	return Path{segs: []segment{keySegment(strings.ToValidUTF8(key, "\ufffd"))}}
}

// Zero says whether p is the zero Path, which names nothing.
func (p Path) Zero() bool { return len(p.segs) == 0 }

// String returns the path as ParsePath reads it.
func (p Path) String() string {
	var b []byte
	for i, seg := range p.segs {
		switch {
		case seg.index >= 0:
			b = append(strconv.AppendInt(append(b, '['), int64(seg.index), 10), ']')
			continue
		case i > 0:
			b = append(b, '.')
		}
		if isBareKey(seg.key) {
			b = append(b, seg.key...)
		} else {
			b = append(b, seg.json...)
		}
	}
	return string(b)
}

// Pointer returns the path as a JSON Pointer (RFC 6901).
func (p Path) Pointer() string {
	var b []byte
	for _, seg := range p.segs {
		if seg.index >= 0 {
			b = strconv.AppendInt(append(b, '/'), int64(seg.index), 10)
		} else {
			b = appendPointerToken(b, seg.key)
		}
	}
	return string(b)
}

// hasPrefix says whether p leads through q, or to it.
func (p Path) hasPrefix(q Path) bool {
	if len(q.segs) > len(p.segs) {
		return false
	}
	for i, seg := range q.segs {
		if p.segs[i].key != seg.key || p.segs[i].index != seg.index {
			return false
		}
	}
	return true
}

// isBareKey says whether a path can hold the key without quotes.
func isBareKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return r < ' ' || strings.ContainsRune(pathSyntax, r)
	})
}
