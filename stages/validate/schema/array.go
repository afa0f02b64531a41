package schema

// arrayRule is what a schema asks of arrays.
type arrayRule struct {
	least, most int     // items; most is -1 for no limit
	prefix      []*rule // for the first items, one each
	items       *rule   // for the others, or nil
	unique      bool
	contains    *rule // or nil
	leastFound  int   // items that contains takes
	mostFound   int   // -1 for no limit
}

// array checks the array at a node.
func (r *run) array(c *arrayRule, at uint32) bool {
	count, found := 0, 0
	for i, end := at+1, r.nodes[at].Next; i < end; i = r.nodes[i].Next {
		sub := c.items
		if count < len(c.prefix) {
			sub = c.prefix[count]
		}
		if sub != nil && !r.fits(sub, i) {
			return false
		}
		if c.contains != nil && r.fits(c.contains, i) {
			found++
		}
		count++
	}
	if count < c.least || c.most >= 0 && count > c.most {
		return false
	}
	if c.contains != nil && (found < c.leastFound || c.mostFound >= 0 && found > c.mostFound) {
		return false
	}
	return !c.unique || count < 2 || r.unique(at, count)
}
