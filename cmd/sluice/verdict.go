package main

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"github.com/dustin/go-humanize"

	"sluice/pipeline"
	"sluice/stages/validate"
)

// verdictWriter writes a verdict for each line. For one goroutine.
type verdictWriter struct {
	file       string // what the lines are of, "" to leave it out
	all, unfit int64

	schema  *validate.Schema
	tellAll bool
	out     *bufio.Writer
	nodes   []pipeline.Node
	buf     []byte
}

func newVerdictWriter(w io.Writer, schema *validate.Schema, tellAll bool) *verdictWriter {
	return &verdictWriter{schema: schema, tellAll: tellAll, out: bufio.NewWriterSize(w, 64<<10)}
}

// flush makes all verdicts so far visible.
func (v *verdictWriter) flush() error { return v.out.Flush() }

// verdict writes the verdict on one line.
func (v *verdictWriter) verdict(number int, line checkedLine) error {
	v.all++
	failure := v.check(line)
	v.buf = append(v.buf[:0], '{')
	if v.file != "" {
		name, err := json.Marshal(v.file)
		if err != nil {
			return err
		}
		v.buf = append(append(append(v.buf, `"file":`...), name...), ',')
	}
	v.buf = strconv.AppendInt(append(v.buf, `"line":`...), int64(number), 10)
	if failure == nil {
		v.buf = append(v.buf, `,"valid":true`...)
	} else {
		v.unfit++
		more := failure.More
		failure.More = 0 // it has a member of its own here
		v.buf = failure.AppendErrors(append(v.buf, `,"valid":false,"errors":`...))
		if more > 0 {
			v.buf = strconv.AppendInt(append(v.buf, `,"more":`...), int64(more), 10)
		}
	}
	_, err := v.out.Write(append(v.buf, '}', '\n'))
	return err
}

// check returns what is wrong with a line, nil for nothing.
func (v *verdictWriter) check(line checkedLine) *validate.Failure {
	if line.long {
		return &validate.Failure{Message: "the line is longer than " + humanize.IBytes(maxCheckedLine)}
	}
	nodes, err := pipeline.Scan(v.nodes[:0], line.text, validate.MaxDepthLimit)
	v.nodes = nodes
	if err != nil {
		message := err.Message
		if err.Code == pipeline.CodeNotJSON {
			message = "not JSON: " + message
		}
		return &validate.Failure{Pointer: err.Pointer, Message: message}
	}
	root := pipeline.NewValue(line.text, nodes)
	if v.tellAll {
		return v.schema.CheckAll(root)
	}
	return v.schema.Check(root)
}
