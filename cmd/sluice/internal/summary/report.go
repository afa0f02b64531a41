package summary

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"sluice/pipeline"
)

// Report is the account of a run as --report writes it. Its names are a
// contract; further ones may be added.
type Report struct {
	pipeline.Counts
	ElapsedS    float64                    `json:"elapsed_s"`
	RecordsPerS float64                    `json:"records_per_s"` // accepted, over elapsed_s
	DeadByCode  map[pipeline.Code]int64    `json:"dead_by_code"`
	Lanes       Lanes                      `json:"lanes"`
	Stages      map[string]pipeline.Counts `json:"stages"`
	Bottleneck  string                     `json:"bottleneck"`      // the stage that held the run back, or "source"; "" when nothing was done
	Error       string                     `json:"error,omitempty"` // why the run ended early or failed
}

// Lanes are the terms of the ledger lane by lane.
type Lanes struct {
	Critical pipeline.Counts `json:"critical"`
	High     pipeline.Counts `json:"high"`
	Normal   pipeline.Counts `json:"normal"`
	Low      pipeline.Counts `json:"low"`
}

// NewReport makes the report of a run that took elapsed and ended with err.
func NewReport(s pipeline.Status, elapsed time.Duration, err error) Report {
	l := s.Ledger
	r := Report{
		Counts:     l.Counts,
		ElapsedS:   round(elapsed.Seconds(), 3),
		DeadByCode: l.DeadByCode,
		Lanes: Lanes{
			Critical: l.Lanes[pipeline.LaneCritical],
			High:     l.Lanes[pipeline.LaneHigh],
			Normal:   l.Lanes[pipeline.LaneNormal],
			Low:      l.Lanes[pipeline.LaneLow],
		},
		Stages:     map[string]pipeline.Counts{},
		Bottleneck: pipeline.Bottleneck(pipeline.Status{}, s),
	}
	if r.DeadByCode == nil {
		r.DeadByCode = map[pipeline.Code]int64{}
	}
	if elapsed > 0 {
		r.RecordsPerS = round(float64(l.Accepted)/elapsed.Seconds(), 1)
	}
	for _, stage := range s.Stages {
		r.Stages[stage.Name] = stage.Counts
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// write writes the report as indented JSON.
func (r Report) write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Write writes the report to a file, or to stdout where path is "-". A reader
// of the file sees the old report or the whole new one, never a part.
func (r Report) Write(path string, stdout io.Writer) error {
	if path == "-" {
		return r.write(stdout)
	}
	if err := r.replace(path); err != nil {
		return fmt.Errorf("write report %s: %w", path, err)
	}
	return nil
}

// replace writes beside the file and renames. What is not a regular file, such
// as a pipe, is written to directly.
func (r Report) replace(path string) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return r.direct(path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return reason(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error that led here is the one to tell
		}
	}()
	if err := r.write(f); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (r Report) direct(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return reason(err)
	}
	if err := r.write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// reason returns what the system said, without a path that the caller names.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
