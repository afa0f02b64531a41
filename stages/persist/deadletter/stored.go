package deadletter

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"sluice/pipeline"
)

// Stored is a letter in its store.
type Stored struct {
	ID   int64 // in a file the number of its line, from 1
	Size int64 // bytes of Record as it is stored
	Letter
}

// Cut says whether the record was too long to be kept whole, so that what is
// kept of it is no record.
func (s *Stored) Cut() bool { return s.Code == string(pipeline.CodeTooLong) }

// Raw returns the original bytes of the line, without its line end.
func (s *Stored) Raw() ([]byte, error) {
	if s.Encoding == "" {
		return []byte(s.Record), nil
	}
	raw, err := base64.StdEncoding.DecodeString(s.Record)
	if s.Encoding != Base64 || err != nil {
		return nil, fmt.Errorf("dead letter %d: the record is not in base64, as its record_encoding %q says", s.ID, s.Encoding)
	}
	return raw, nil
}

// AppendJSON appends the letter with its id as a JSON object.
func (s *Stored) AppendJSON(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"id":`...), s.ID, 10)
	at := len(dst)
	dst = s.Letter.AppendJSON(dst)
	dst[at] = ','
	return dst
}

// AppendBrief appends the letter as a JSON object with the size of the record in
// place of the record and its errors.
func (s *Stored) AppendBrief(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"id":`...), s.ID, 10)
	at := len(dst)
	dst = s.appendHead(dst)
	dst[at] = ','
	dst = strconv.AppendInt(append(dst, `,"size":`...), s.Size, 10)
	return append(dst, '}')
}

// line is a letter as JSON has it.
type line struct {
	ID       int64           `json:"id"`
	Stage    *string         `json:"stage"`
	Code     string          `json:"code"`
	Pointer  string          `json:"pointer"`
	Message  string          `json:"message"`
	Attempts int             `json:"attempts"`
	Lane     string          `json:"lane"`
	Source   string          `json:"source"`
	Position int64           `json:"position"`
	At       string          `json:"at"`
	Record   string          `json:"record"`
	Encoding string          `json:"record_encoding"`
	Errors   json.RawMessage `json:"errors"`
	Size     int64           `json:"size"`
}

// Parse reads what AppendJSON, AppendBrief or the file's own form wrote.
func Parse(text []byte) (Stored, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Stored{}, err
	}
	if l.Stage == nil {
		return Stored{}, errors.New("it has no stage")
	}
	s := Stored{ID: l.ID, Size: l.Size, Letter: Letter{
		Stage: *l.Stage, Code: l.Code, Pointer: l.Pointer, Message: l.Message, Attempts: l.Attempts, Lane: l.Lane,
		Source: l.Source, Position: l.Position, At: l.At, Record: l.Record, Encoding: l.Encoding, Errors: string(l.Errors),
	}}
	if l.Size == 0 {
		s.Size = int64(len(l.Record))
	}
	return s, nil
}
