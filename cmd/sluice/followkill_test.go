package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// generation is how many writes come between two rotations: about three looks.
const generation = 20

// log is a log that a service writes and that is rotated in every way there is.
// Nothing is lost in copying and truncating: who writes is who rotates.
type log struct {
	t       *testing.T
	name    string
	random  *rand.Rand
	n       int // the next line
	rotated int
}

// work writes and rotates until stop is closed, at least once.
func (l *log) work(stop <-chan struct{}) {
	pace := time.NewTicker(40 * time.Millisecond)
	defer pace.Stop()
	for turn := 1; ; turn++ {
		l.write(1 + l.random.IntN(300))
		if turn%generation == 0 {
			l.rotate()
		}
		select {
		case <-stop:
			return
		case <-pace.C:
		}
	}
}

// write appends lines, now and then in two halves.
func (l *log) write(lines int) {
	f, err := os.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		l.t.Error(err)
		return
	}
	var text bytes.Buffer
	for range lines {
		fmt.Fprintf(&text, `{"n":%d,"log":"%s","level":"%s"}`+"\n", l.n, l.name, []string{"fatal", "error", "info", "debug"}[l.n%4])
		l.n++
	}
	half := l.random.IntN(text.Len())
	for _, part := range [][]byte{text.Bytes()[:half], text.Bytes()[half:]} {
		if _, err := f.Write(part); err != nil {
			l.t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		l.t.Error(err)
	}
}

// rotate renames the log, or copies and truncates it, and may compress it.
func (l *log) rotate() {
	l.rotated++
	to := fmt.Sprintf("%s.%03d", l.name, l.rotated)
	var err error
	if l.random.IntN(2) == 0 {
		err = os.Rename(l.name, to)
	} else {
		var text []byte
		if text, err = os.ReadFile(l.name); err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err == nil {
			err = os.Truncate(l.name, 0)
		}
	}
	if err == nil && l.random.IntN(3) == 0 {
		err = compress(to)
	}
	if err != nil {
		l.t.Error(err)
	}
}

// compress does what gzip does with a file.
func compress(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(name+".gz", packed.Bytes(), 0o600); err != nil {
		return err
	}
	if err := os.Chtimes(name+".gz", info.ModTime(), info.ModTime()); err != nil {
		return err
	}
	return os.Remove(name)
}

// Two services write and rotate their logs without a stop, while sluice is killed
// at any time and started again.
func TestLogsThatAreRotatedInEveryWayComeInOnceThroughKills(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	inTemp(t, map[string]string{"sluice.yaml": "source: {lane: {field: level}}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer, log: text, level: text}}\n"})
	var logs []*log
	for i, name := range []string{"a.log", "b.log"} {
		l := &log{t: t, name: name, random: rand.New(rand.NewPCG(seed, uint64(i)))}
		l.write(100)
		logs = append(logs, l)
	}
	args := []string{"run", "--follow", "a.log", "b.log"}
	first := start(t, nil, nil, nil, args...)
	untilRows(200) // what is rotated before the first look was never followed
	_ = first.Process.Kill()
	_ = first.Wait()

	stop, writers := make(chan struct{}), sync.WaitGroup{}
	for _, l := range logs {
		writers.Go(func() { l.work(stop) })
	}
	for range 3 {
		cmd := start(t, nil, nil, nil, args...)
		<-time.After(time.Duration(random.IntN(3000)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		<-time.After(time.Duration(random.IntN(1000)) * time.Millisecond)
	}
	close(stop)
	writers.Wait()
	var stderr bytes.Buffer
	cmd := start(t, nil, nil, &stderr, args...)
	total := 0
	for _, l := range logs {
		total += l.n
	}
	if !untilRowsWithin(total, time.Minute) {
		t.Errorf("%d rows of %d", rows("out.db"), total)
	}
	endFollowing(t, cmd, &stderr)
	for _, l := range logs {
		expectRows(t, "out.db", fmt.Sprintf("SELECT count(*), count(DISTINCT n), min(n), max(n) FROM t WHERE log = '%s'", l.name), fmt.Sprintf("%d|%d|0|%d", l.n, l.n, l.n-1))
	}
	expectRows(t, "out.db", `SELECT count(*) FROM
		(SELECT n < lag(n) OVER (PARTITION BY log, level ORDER BY rowid) AS back FROM t) WHERE back`, "0")
	if t.Failed() {
		names, _ := os.ReadDir(".")
		t.Logf("%s\n%s", stderr.String(), strings.Join(slices.Collect(func(yield func(string) bool) {
			for _, n := range names {
				if !yield(n.Name()) {
					return
				}
			}
		}), " "))
	}
	t.Logf("%d lines in %d files", total, 2+logs[0].rotated+logs[1].rotated)
}

// untilRowsWithin waits until the table has so many rows, not for ever.
func untilRowsWithin(n int, limit time.Duration) bool {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	end := time.After(limit)
	for rows("out.db") < n {
		select {
		case <-poll.C:
		case <-end:
			return false
		}
	}
	return true
}
