package pipeline

// Progress says how far one source has come into one sink. A sink stores it
// with the rows it vouches for; a source starts again from it. Positions are
// byte offsets in the decompressed source.
type Progress struct {
	Source   string           // identity of the source, as the source itself makes it
	Name     string           // what a person calls it: its path
	Lanes    [LaneCount]int64 // every record of the lane that starts below is settled
	Frontier int64            // everything below is settled, in every lane
	Line     int64            // lines below Frontier
	Mark     string           // the source's proof of what stands before Frontier
	High     int64            // the highest position of any lane; at least Frontier
	Rules    []RuleSpan       // lane rules in force from Frontier on, in order
	Version  int64            // counts the stored changes, from 1; the fence compares it
}
