package pipeline

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// fault is what a scanner met.
type fault uint8

const (
	faultValue     fault = iota // no value where one is expected
	faultString                 // in a string
	faultNumber                 // in a number
	faultLiteral                // in true, false or null
	faultDepth                  // one container too many
	faultKey                    // no key where one is expected
	faultKeyString              // in a key
	faultColon                  // no colon after a key
	faultMember                 // neither comma nor end after a member
	faultElement                // neither comma nor end after an element
	faultEnd                    // something after the text
)

// valueFault is the fault in a scalar of that kind.
func valueFault(k Kind) fault {
	switch k {
	case KindString:
		return faultString
	case KindNumber:
		return faultNumber
	case KindBool, KindNull:
		return faultLiteral
	}
	return faultValue
}

// explain makes an error of the fault. It may take its time, linear in the
// text: a text has only one.
func (s *scanner) explain() *RecordError {
	if at := invalidUTF8(s.src); at >= 0 {
		e := &RecordError{Code: CodeInvalidUTF8, Message: fmt.Sprintf("byte 0x%02x at byte %d is not UTF-8", s.src[at], at)}
		if at == s.faultAt {
			e.Pointer = s.pointer()
		}
		return e
	}
	if s.fault == faultDepth {
		return &RecordError{Code: CodeTooDeep, Pointer: s.pointer(),
			Message: fmt.Sprintf("nested too deep at byte %d, expected at most %d levels of arrays and objects", s.faultAt, s.maxDepth)}
	}
	return &RecordError{Code: CodeNotJSON, Pointer: s.pointer(), Message: s.found() + ", expected " + s.expected()}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// found says what stands at the fault.
func (s *scanner) found() string {
	at := s.faultAt
	if s.truncated() {
		return fmt.Sprintf("ends at byte %d%s", len(s.src), s.place())
	}
	if s.fault == faultString || s.fault == faultKeyString {
		if s.src[at] == '\\' {
			return fmt.Sprintf("unexpected escape at byte %d%s", at, s.place())
		}
		return fmt.Sprintf("unexpected control character 0x%02x at byte %d%s", s.src[at], at, s.place())
	}
	r, _ := utf8.DecodeRune(s.src[at:])
	if r == '\ufeff' {
		return fmt.Sprintf("unexpected byte order mark at byte %d", at)
	}
	return fmt.Sprintf("unexpected %s at byte %d", strconv.QuoteRune(r), at)
}

// truncated says whether more bytes might have mended the text.
func (s *scanner) truncated() bool {
	rest := s.src[min(s.faultAt, len(s.src)):]
	if len(rest) == 0 {
		return true
	}
	if s.fault != faultString && s.fault != faultKeyString || rest[0] != '\\' || len(rest) > 5 {
		return false
	}
	for i, c := range rest[1:] {
		if i == 0 && c != 'u' || i > 0 && hexValue[c] < 0 {
			return false
		}
	}
	return true
}

// place says inside what the fault is.
func (s *scanner) place() string {
	switch {
	case s.fault == faultString:
		return " inside a string"
	case s.fault == faultKeyString:
		return " inside a key"
	case s.fault == faultNumber:
		return " inside a number"
	case s.fault == faultLiteral:
		return " inside a word"
	case s.depth() == 0:
		return ""
	case s.inObject:
		return " inside an object"
	}
	return " inside an array"
}

// expected says what could have stood at the fault.
func (s *scanner) expected() string {
	switch s.fault {
	case faultString, faultKeyString:
		switch {
		case s.truncated():
			return `'"'`
		case s.src[s.faultAt] == '\\':
			return `one of \" \\ \/ \b \f \n \r \t \uXXXX`
		}
		return "it escaped"
	case faultNumber:
		return "a digit"
	case faultLiteral:
		return "true, false or null"
	case faultKey:
		if at := s.lastBefore(s.faultAt); at >= 0 && s.src[at] == '{' {
			return "a key or '}'"
		}
		return "a key"
	case faultColon:
		return "':'"
	case faultMember:
		return "',' or '}'"
	case faultElement:
		return "',' or ']'"
	case faultEnd:
		return "the end of the line"
	}
	return "a value"
}

// lastBefore returns the offset of the last byte before at that is no white
// space, or -1.
func (s *scanner) lastBefore(at int) int {
	for at--; at >= 0 && class[s.src[at]] == classSpace; at-- {
	}
	return at
}

// pointer is the JSON Pointer to the value at fault: the one that was being
// read, or the innermost open container.
func (s *scanner) pointer() string {
	depth := s.depth()
	if depth == 0 {
		return ""
	}
	nodes := s.nodes[s.base:]
	chain := make([]uint32, depth) // the open containers, the root first
	for i, at := depth-1, s.parent; i >= 0; i-- {
		chain[i], at = at, nodes[at].Next
	}
	var p []byte
	for i, at := range chain[1:] {
		p = s.appendToken(p, chain[i], at)
	}
	switch s.fault {
	case faultValue, faultString, faultNumber, faultLiteral, faultDepth:
		if s.inObject {
			return string(s.appendKey(p, s.keyStart, s.keyEnd))
		}
		p = s.appendToken(p, s.parent, uint32(len(nodes)))
	}
	return string(p)
}

// appendToken appends the reference token of the node at inside container.
func (s *scanner) appendToken(p []byte, container, at uint32) []byte {
	nodes := s.nodes[s.base:]
	if nodes[container].Kind == KindObject {
		return s.appendKey(p, nodes[at].KeyStart, nodes[at].KeyEnd)
	}
	index := 0
	for i := container + 1; i < at; i = nodes[i].Next {
		index++
	}
	return strconv.AppendInt(append(p, '/'), int64(index), 10)
}

func (s *scanner) appendKey(p []byte, start, end uint32) []byte {
	return appendPointerToken(p, string(appendUnescaped(nil, s.src[start:end])))
}
