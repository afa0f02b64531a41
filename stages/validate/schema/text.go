package schema

import (
	"unicode/utf8"
)

// textRule is what a schema asks of strings.
type textRule struct {
	least, most int                    // in characters; most is -1 for no limit
	pattern     *matcher               // or nil
	format      func(text []byte) bool // or nil
}

// text checks the string at a node.
func (r *run) text(c *textRule, at uint32) bool {
	n := &r.nodes[at]
	if !n.Escaped() {
		return c.fits(r.src[n.Start+1 : n.End-1])
	}
	text, mark := r.push(at)
	ok := c.fits(text)
	r.pop(mark)
	return ok
}

func (c *textRule) fits(text []byte) bool {
	if !c.lengthFits(text) {
		return false
	}
	if c.pattern != nil && !c.pattern.match(text) {
		return false
	}
	return c.format == nil || c.format(text)
}

// lengthFits counts only where the number of bytes, of which a character has at
// most four, does not decide.
func (c *textRule) lengthFits(text []byte) bool {
	n := len(text)
	if n < c.least {
		return false
	}
	if (c.most < 0 || n <= c.most) && n >= utf8.UTFMax*c.least {
		return true
	}
	n = utf8.RuneCount(text)
	return n >= c.least && (c.most < 0 || n <= c.most)
}
