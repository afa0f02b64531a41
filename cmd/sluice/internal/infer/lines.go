package infer

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

var byteOrderMark = []byte("\xEF\xBB\xBF")

// Skipped is a line that is no record.
type Skipped struct {
	Line int64 // from 1
	Code pipeline.Code
	Err  error
}

// Read adds every line of r, which may be gzip or zstd, and returns how many
// lines there are that are not blank. skip is told of those that are no records;
// they do not end it. limit, unless it is 0, is how many lines to read.
func (in *Inference) Read(r io.Reader, limit int64, skip func(Skipped)) (lines int64, err error) {
	buffered := bufio.NewReaderSize(ingest.Decode(r), pipeline.DefaultMaxRecordBytes+len("\r\n"))
	for number := int64(1); limit == 0 || lines < limit; number++ {
		line, tooLong, err := next(buffered)
		if number == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if line = bytes.TrimRight(line, "\r\n"); tooLong || len(bytes.TrimSpace(line)) > 0 {
			lines++
			if refused := in.take(line, tooLong); refused != nil {
				skip(Skipped{Line: number, Code: refused.Code, Err: refused})
			}
		}
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
	}
	return lines, nil
}

func (in *Inference) take(line []byte, tooLong bool) *pipeline.RecordError {
	if tooLong || len(line) > pipeline.DefaultMaxRecordBytes {
		return &pipeline.RecordError{Code: pipeline.CodeTooLong, Message: "the line is longer than 1 MiB"}
	}
	return in.Add(line)
}

// next returns the next line with its line end; of one that is longer than the
// buffer nothing, but all of it is read.
func next(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		line, err = r.ReadSlice('\n')
	}
	if tooLong {
		return nil, true, err
	}
	return line, false, err
}
