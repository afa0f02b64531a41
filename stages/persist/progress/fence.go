package progress

import (
	"fmt"

	"sluice/pipeline"
)

// Fence numbers the changes of each source's progress, so that a sink can
// compare the version it stored last with the one that is there. The first
// Progress of a source that a sink sees brings the stored version along, as
// the sink's own Progress gave it (0 for a source it did not know); from then on
// the sink counts, and what Version says is not looked at. For one goroutine.
type Fence struct{ versions map[string]int64 }

// Last returns the version that the store must hold for p's source.
func (f *Fence) Last(p *pipeline.Progress) int64 {
	if v, ok := f.versions[p.Source]; ok {
		return v
	}
	return p.Version
}

// Moved notes that the group is stored: each of its sources is one version on.
func (f *Fence) Moved(group []pipeline.Progress) {
	if f.versions == nil {
		f.versions = map[string]int64{}
	}
	for i := range group {
		f.versions[group[i].Source] = f.Last(&group[i]) + 1
	}
}

// Fenced returns the error of a change that found another version than its own.
func Fenced(p *pipeline.Progress, place string) error {
	return fmt.Errorf("%w: the progress of %s in %s was moved by somebody else since this run read it; "+
		"nothing of this group was stored: stop the other process, then run again, and it goes on from there", pipeline.ErrFenced, p.Name, place)
}
