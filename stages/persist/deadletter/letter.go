package deadletter

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Base64 is the Encoding of a letter whose record is not UTF-8, or
// has a NUL byte.
const Base64 = "base64"

// Letter is one dead letter: the record and why it is dead. The fields, in this
// order, are the columns of the table and the members of a line of the file.
type Letter struct {
	Stage    string // the stage that rejected it
	Code     string // pipeline.Code
	Pointer  string // JSON Pointer to the value at fault, "" for the whole record
	Message  string
	Attempts int // how often the stage tried
	Lane     string
	Source   string // path of the input, or stdin
	Position int64  // offset of the line in it, decompressed
	At       string // when it was stored, row.TimeFormat
	Record   string // the original bytes, or their base64
	Encoding string // Base64, or "" when Record is the bytes themselves
	Errors   string // a JSON array with all that is wrong, see Detailed; "" for none
}

// Detailed is an error that has more to say than a sentence: it appends a JSON
// array of objects, each one thing that is wrong.
type Detailed interface {
	AppendErrors(dst []byte) []byte
}

// Of makes the letter of a dead record.
func Of(r *pipeline.Record, at time.Time) Letter {
	err := r.Err()
	l := Letter{
		Stage: err.Stage, Code: string(err.Code), Pointer: err.Pointer, Message: message(err), Attempts: max(1, err.Attempts),
		Lane: r.Lane().String(), Source: r.Source(), Position: r.Position(),
		At: at.UTC().Format(row.TimeFormat),
	}
	if detailed, ok := err.Err.(Detailed); ok {
		l.Errors = string(detailed.AppendErrors(nil))
	}
	l.Record, l.Encoding = Text(r.Raw())
	return l
}

// Text returns a record's bytes as a letter keeps them, and their Encoding.
func Text(raw []byte) (record, encoding string) {
	if isText(raw) {
		return string(raw), ""
	}
	return base64.StdEncoding.EncodeToString(raw), Base64
}

// isText says whether bytes can stand as text everywhere. A NUL is UTF-8, but
// SQLite's functions take it for the end.
func isText(raw []byte) bool { return utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0 }

func message(err *pipeline.RecordError) string {
	if err.Message == "" && err.Err != nil {
		return err.Err.Error()
	}
	return err.Message
}

// letterStart is how each letter begins.
const letterStart = `{"stage":`

// AppendJSON appends the letter as a JSON object. record_encoding is there only
// when the record is encoded, errors when there are some.
func (l *Letter) AppendJSON(dst []byte) []byte {
	dst = l.appendHead(dst)
	dst = appendMember(dst, `,"record":`, l.Record)
	if l.Encoding != "" {
		dst = appendMember(dst, `,"record_encoding":`, l.Encoding)
	}
	if l.Errors != "" {
		dst = append(append(dst, `,"errors":`...), l.Errors...)
	}
	return append(dst, '}')
}

// appendHead appends what stands before the record.
func (l *Letter) appendHead(dst []byte) []byte {
	dst = appendMember(dst, letterStart, l.Stage)
	dst = appendMember(dst, `,"code":`, l.Code)
	dst = appendMember(dst, `,"pointer":`, l.Pointer)
	dst = appendMember(dst, `,"message":`, l.Message)
	dst = strconv.AppendInt(append(dst, `,"attempts":`...), int64(l.Attempts), 10)
	dst = appendMember(dst, `,"lane":`, l.Lane)
	dst = appendMember(dst, `,"source":`, l.Source)
	dst = strconv.AppendInt(append(dst, `,"position":`...), l.Position, 10)
	return appendMember(dst, `,"at":`, l.At)
}

func appendMember(dst []byte, name, value string) []byte {
	return row.AppendString(append(dst, name...), value)
}
