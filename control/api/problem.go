package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sluice/pipeline"
)

// Problem is an error as clients see it (RFC 9457). Code is the stable word to
// tell problems apart by; Type is the same as a URI.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"` // what was found, what was expected and what to do
	Code      string `json:"code"`
	Parameter string `json:"parameter,omitempty"` // of the query, the path, the header or the body
	// Line is the first line of a body, from 1, that was not taken in because
	// the body was not read to its end.
	Line int64 `json:"line,omitempty"`
	// RetryAfter is how long to wait before asking again, in seconds; it is the
	// header Retry-After too.
	RetryAfter int `json:"retry_after,omitempty"`
	// What became of a body's lines, for a problem with one that was read.
	*Records
	// Replay is what became of dead letters that were sent, for a problem with a
	// replay.
	Replay *pipeline.ReplayResult `json:"replay,omitempty"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

func problem(status int, code, detail string) *Problem {
	return &Problem{
		Type:   "urn:sluice:problem:" + code,
		Title:  http.StatusText(status),
		Status: status,
		Code:   code,
		Detail: strings.ReplaceAll(detail, "\n", "; "), // of errors that were joined
	}
}

// badParameter is a problem with one parameter.
func badParameter(name, detail string) *Problem {
	p := problem(http.StatusBadRequest, "bad_parameter", detail)
	p.Parameter = name
	return p
}

// after sets how long to wait, in whole seconds.
func (p *Problem) after(d time.Duration) *Problem {
	p.RetryAfter = int((d + time.Second - 1) / time.Second)
	return p
}

func (p *Problem) write(w http.ResponseWriter) { p.answer().write(w) }

// answer is what goes over the wire. It can be kept and written again.
type answer struct {
	status     int
	problem    bool
	retryAfter int
	body       []byte
}

func (p *Problem) answer() answer {
	return answer{status: p.Status, problem: true, retryAfter: p.RetryAfter, body: encode(p)}
}

func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil { // the types of this package all encode
		panic(err)
	}
	return append(body, '\n')
}

func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if a.problem {
		h.Set("Content-Type", "application/problem+json")
	}
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(a.retryAfter))
	}
	if a.status == http.StatusRequestEntityTooLarge {
		h.Set("Connection", "close") // the rest of the body is not worth reading
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone needs no answer
}

// writeJSON answers with v.
func writeJSON(w http.ResponseWriter, status int, v any) {
	answer{status: status, body: encode(v)}.write(w)
}
