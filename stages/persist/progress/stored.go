package progress

import (
	"encoding/json"
	"fmt"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Lanes are the positions of the four lanes as JSON: {"critical": 0, ...}.
type Lanes [pipeline.LaneCount]int64

// MarshalJSON implements json.Marshaler.
func (l Lanes) MarshalJSON() ([]byte, error) {
	dst := []byte{'{'}
	for i, n := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, "%q:%d", pipeline.Lane(i), n)
	}
	return append(dst, '}'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *Lanes) UnmarshalJSON(data []byte) error {
	var lanes map[pipeline.Lane]int64
	if err := json.Unmarshal(data, &lanes); err != nil {
		return err
	}
	*l = Lanes{}
	for lane, n := range lanes {
		l[lane] = n
	}
	return nil
}

// Stored is the progress of one source as a line of a progress file has it.
type Stored struct {
	Source    string              `json:"source"`
	Name      string              `json:"name"`
	Lanes     Lanes               `json:"lanes"`
	Frontier  int64               `json:"frontier"`
	Line      int64               `json:"line"`
	Mark      string              `json:"mark"`
	High      int64               `json:"high"`
	Rules     []pipeline.RuleSpan `json:"rules"`
	Version   int64               `json:"version"`
	UpdatedAt string              `json:"updated_at"`
}

// Store returns the stored form of p under a version.
func Store(p *pipeline.Progress, version int64, at time.Time) Stored {
	return Stored{
		Source: p.Source, Name: p.Name, Lanes: Lanes(p.Lanes), Frontier: p.Frontier, Line: p.Line, Mark: p.Mark,
		High: p.High, Rules: p.Rules, Version: version, UpdatedAt: at.UTC().Format(row.TimeFormat),
	}
}

// Progress is the inverse of Store.
func (s Stored) Progress() pipeline.Progress {
	return pipeline.Progress{
		Source: s.Source, Name: s.Name, Lanes: s.Lanes, Frontier: s.Frontier, Line: s.Line, Mark: s.Mark,
		High: s.High, Rules: s.Rules, Version: s.Version,
	}
}
