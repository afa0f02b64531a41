package pipeline

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// pathSyntax are the characters that mean something in a path.
const pathSyntax = `.[]"`

// maxPathIndex is the largest array index in a path; no record has as many
// elements.
const maxPathIndex = 1<<31 - 1

// ParsePath reads a path as it stands in configuration. It begins with a key,
// as a record is an object. An error says at which byte, counted from 0.
func ParsePath(s string) (Path, error) {
	if s == "" {
		return Path{}, fmt.Errorf("empty path: expected a key such as level, owner.team or tags[0]")
	}
	if at := invalidUTF8([]byte(s)); at >= 0 {
		return Path{}, fmt.Errorf("path %q: byte %d is not UTF-8", s, at)
	}
	p := pathParser{text: s}
	if err := p.key(); err != nil {
		return Path{}, err
	}
	for p.at < len(s) {
		var err error
		switch s[p.at] {
		case '.':
			p.at++
			err = p.key()
		case '[':
			p.at++
			err = p.index()
		default:
			err = p.unexpected("'.', '[' or the end")
		}
		if err != nil {
			return Path{}, err
		}
	}
	return Path{segs: p.segs}, nil
}

type pathParser struct {
	text string
	at   int
	segs []segment
}

func (p *pathParser) unexpected(expected string) error {
	if p.at >= len(p.text) {
		return fmt.Errorf("path %q ends at byte %d, expected %s", p.text, p.at, expected)
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return fmt.Errorf("path %q: unexpected %q at byte %d, expected %s", p.text, r, p.at, expected)
}

// key reads a bare or a quoted key.
func (p *pathParser) key() error {
	if p.at < len(p.text) && p.text[p.at] == '"' {
		return p.quotedKey()
	}
	start := p.at
	for p.at < len(p.text) && !isPathSyntax(p.text[p.at]) {
		p.at++
	}
	if p.at == start {
		return p.unexpected(`a key (one with any of ` + pathSyntax + ` in it is quoted: "id.orig_h")`)
	}
	p.segs = append(p.segs, keySegment(p.text[start:p.at]))
	return nil
}

func isPathSyntax(c byte) bool { return c == '.' || c == '[' || c == ']' || c == '"' }

func (p *pathParser) quotedKey() error {
	start := p.at + 1
	end, _ := stringEnd([]byte(p.text), start)
	if end < 0 {
		p.at = ^end
		return p.unexpected(`the quoted key to go on as a JSON string does and to end with '"'`)
	}
	p.at = end + 1
	p.segs = append(p.segs, keySegment(string(appendUnescaped(nil, []byte(p.text[start:end])))))
	return nil
}

// index reads an array index and the bracket that closes it.
func (p *pathParser) index() error {
	start := p.at
	for p.at < len(p.text) && p.text[p.at]-'0' <= 9 {
		p.at++
	}
	digits := p.text[start:p.at]
	if digits == "" {
		return p.unexpected("an array index such as [0]")
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxPathIndex || len(digits) > 1 && digits[0] == '0' {
		p.at = start
		return p.unexpected(fmt.Sprintf("an array index from 0 to %d without leading zeros", maxPathIndex))
	}
	if p.at >= len(p.text) || p.text[p.at] != ']' {
		return p.unexpected("']'")
	}
	p.at++
	p.segs = append(p.segs, segment{index: n})
	return nil
}
