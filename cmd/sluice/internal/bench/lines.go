package bench

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"sluice/pipeline"
)

// The bounds of what a lane's sender sends again and again: distinct records,
// and their bytes over all lanes.
const (
	maxLines  = 4096
	PoolBytes = 32 << 20
)

// lines are the records of one lane. They are made before anything is measured;
// sending one is a copy, so that making them costs the pipeline nothing.
type lines struct {
	list     [][]byte // without line ends
	numbered bool     // each has an id whose last digits are set as it is sent
}

// append appends record i, from 0, of the lane and its line end.
func (l *lines) append(dst []byte, i int64) []byte {
	at := len(dst)
	dst = append(dst, l.list[i%int64(len(l.list))]...)
	if l.numbered {
		appendHex(dst[:at+idAt], uint64(i), idDigits)
	}
	return append(dst, '\n')
}

// size returns the bytes of record i with its line end.
func (l *lines) size(i int64) int { return len(l.list[i%int64(len(l.list))]) + 1 }

// generate makes a lane's records. rule is the configuration's; the field that
// it reads is set as the lane wants it, where it can be.
func generate(p Plan, lane pipeline.Lane, rule pipeline.LaneRule) *lines {
	l := &lines{numbered: true}
	made := newEvents(p.Seed, uint64(lane))
	count := max(1, min(maxLines, PoolBytes/lanesOf(p.Shares)/p.Size.mean()))
	field := newLaneField(rule, lane)
	sizes := rand.New(rand.NewPCG(p.Seed, uint64(lane)+pipeline.LaneCount))
	for range count {
		line := field.set(made.next(nil, p.Size.pick(sizes)))
		l.list = append(l.list, line)
		l.numbered = l.numbered && bytes.HasPrefix(line, []byte(`{"id":"`)) && bytes.HasPrefix(line[idAt:], make0(idDigits))
	}
	return l
}

func make0(n int) []byte { return bytes.Repeat([]byte("0"), n) }

// readSample reads the lines of a file, those of each lane as rule has it; a
// lane that has none gets them all. It takes no more than PoolBytes.
func readSample(name string, rule pipeline.LaneRule) (byLane [pipeline.LaneCount]*lines, err error) {
	f, err := os.Open(name)
	if err != nil {
		return byLane, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, PoolBytes+1))
	if err != nil {
		return byLane, fmt.Errorf("read %s: %w", name, err)
	}
	if bytes.HasPrefix(text, []byte("\x1f\x8b")) || bytes.HasPrefix(text, []byte("\x28\xb5\x2f\xfd")) {
		return byLane, fmt.Errorf("%s is compressed; expected plain NDJSON", name)
	}
	if len(text) > PoolBytes { // whole lines
		text = text[:bytes.LastIndexByte(text[:PoolBytes], '\n')+1]
	}
	var all lines
	for l := range byLane {
		byLane[l] = &lines{}
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		all.list = append(all.list, line)
		lane := laneOf(rule, line)
		byLane[lane].list = append(byLane[lane].list, line)
	}
	if len(all.list) == 0 {
		return byLane, fmt.Errorf("%s has no whole line in its first %d bytes; expected NDJSON", name, PoolBytes)
	}
	for l := range byLane {
		if len(byLane[l].list) == 0 {
			byLane[l] = &all
		}
	}
	return byLane, nil
}
