package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sluice/control"
	"sluice/pipeline"
)

// LetterForm is what of a dead letter goes over the wire.
type LetterForm string

// The forms of a letter.
const (
	LetterBrief  LetterForm = "brief"   // a JSON object with the size of the record in its place
	LetterWhole  LetterForm = "letters" // a JSON object
	LetterRecord LetterForm = "records" // the original bytes; nothing where they were cut
)

// DeadLetters are those of the sink of this process. It is called by many goroutines
// at once.
//
// Each calls visit for the letters of a filter in the order of their ids, with what
// the form says and no line end; line is valid until visit returns. An error of visit ends it. Delete
// takes letters out in one transaction. Replay returns when all it sent is
// settled; the result is true beside an error. Where letters cannot be taken out the
// error of both wraps control.ErrConflict. A stage or code that nobody knows is a
// *ParameterError.
type DeadLetters interface {
	Each(ctx context.Context, f pipeline.LetterFilter, form LetterForm, visit func(id int64, line []byte) error) error
	Stats(ctx context.Context, f pipeline.LetterFilter) ([]pipeline.LetterCount, error)
	Delete(ctx context.Context, f pipeline.LetterFilter) (int64, error)
	Replay(ctx context.Context, f pipeline.LetterFilter, o pipeline.ReplayOptions) (pipeline.ReplayResult, error)
}

// How many letters a page has.
const (
	DefaultLetters = 100
	MaxLetters     = 1000
)

// LetterPage is one page of letters. Next is the value of after for the next page, 0 after
// the last.
type LetterPage struct {
	DeadLetters []json.RawMessage `json:"dead_letters"`
	Next        int64             `json:"next"`
}

// LetterStats counts letters.
type LetterStats struct {
	Total int64                  `json:"total"`
	Stats []pipeline.LetterCount `json:"stats"` // the most first
}

// LettersDeleted is the answer to a DELETE.
type LettersDeleted struct {
	Deleted int64 `json:"deleted"`
}

// letterFilter reads the filter of a request.
func letterFilter(r *http.Request, more ...string) (pipeline.LetterFilter, *params) {
	p := parametersOf(r, listParameters, append(letterParameters[:len(letterParameters):len(letterParameters)], more...)...)
	f, parameter, err := LetterFilter(p.query, time.Now())
	if err != nil {
		p.refuse(parameter, "%v", err)
	}
	return f, p
}

func (s *server) listLetters(w http.ResponseWriter, r *http.Request) {
	f, p := letterFilter(r)
	if f.Limit == 0 {
		f.Limit = DefaultLetters
	}
	if f.Limit > MaxLetters {
		p.refuse("limit", "limit is %d; expected at most %d: ask for the next page with after", f.Limit, MaxLetters)
	}
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	page := LetterPage{DeadLetters: []json.RawMessage{}}
	limit := f.Limit
	f.Limit++ // whether there is a next page
	last := int64(0)
	err := s.cfg.DeadLetters.Each(r.Context(), f, LetterBrief, func(id int64, line []byte) error {
		if len(page.DeadLetters) == limit {
			page.Next = last
			return nil
		}
		last = id
		page.DeadLetters = append(page.DeadLetters, append(json.RawMessage(nil), line...))
		return nil
	})
	if err != nil {
		lettersProblem(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, page)
}

func (s *server) showLetter(w http.ResponseWriter, r *http.Request) {
	p := parameters(r)
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		p.refuse("id", "id is %q; expected the number of a dead letter", r.PathValue("id"))
	}
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	var letter json.RawMessage
	err = s.cfg.DeadLetters.Each(r.Context(), pipeline.LetterFilter{IDs: []int64{id}}, LetterWhole, func(_ int64, line []byte) error {
		letter = append(letter, line...)
		return nil
	})
	switch {
	case err != nil:
		lettersProblem(err).write(w)
	case letter == nil:
		gone := problem(http.StatusNotFound, "no_dead_letter", fmt.Sprintf("there is no dead letter %d; it may have been replayed or purged", id))
		gone.Parameter = "id"
		gone.write(w)
	default:
		writeJSON(w, http.StatusOK, letter)
	}
}

func (s *server) letterStats(w http.ResponseWriter, r *http.Request) {
	f, p := letterFilter(r)
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	counts, err := s.cfg.DeadLetters.Stats(r.Context(), f)
	if err != nil {
		lettersProblem(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, NewLetterStats(counts))
}

// NewLetterStats adds the counts up.
func NewLetterStats(counts []pipeline.LetterCount) LetterStats {
	stats := LetterStats{Stats: append([]pipeline.LetterCount{}, counts...)}
	for _, c := range counts {
		stats.Total += c.Count
	}
	return stats
}

// exportLetters writes NDJSON as it is read. When that fails in the middle the
// connection is cut, so that a part does not pass for the whole.
func (s *server) exportLetters(w http.ResponseWriter, r *http.Request) {
	f, p := letterFilter(r, "format")
	form := LetterForm(p.query.Get("format"))
	switch form {
	case "":
		form = LetterWhole
	case LetterWhole, LetterRecord:
	default:
		p.refuse("format", "format is %q; expected %s or %s", form, LetterWhole, LetterRecord)
	}
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	late := &lateHeader{ResponseWriter: w}
	out := bufio.NewWriterSize(late, 64<<10)
	err := s.cfg.DeadLetters.Each(r.Context(), f, form, func(_ int64, line []byte) error {
		_, _ = out.Write(line) // the next call has its error
		return out.WriteByte('\n')
	})
	switch {
	case err != nil && !late.begun:
		lettersProblem(err).write(w)
	case err != nil, out.Flush() != nil:
		panic(http.ErrAbortHandler)
	case !late.begun:
		_, _ = late.Write(nil)
	}
}

// lateHeader sets the headers of NDJSON with the first byte.
type lateHeader struct {
	http.ResponseWriter
	begun bool
}

func (l *lateHeader) Write(text []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.Header().Set("Content-Type", "application/x-ndjson")
		l.Header().Set("Cache-Control", "no-store")
		l.Header().Set("X-Content-Type-Options", "nosniff")
	}
	return l.ResponseWriter.Write(text)
}

func (s *server) replayLetters(w http.ResponseWriter, r *http.Request) {
	f, p := letterFilter(r, "from", "to_lane")
	o, parameter, err := ReplayOptions(p.query)
	if err != nil {
		p.refuse(parameter, "%v", err)
	}
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	result, err := s.cfg.DeadLetters.Replay(r.Context(), f, o)
	if err != nil {
		bad := lettersProblem(err)
		bad.Replay = &result
		bad.write(w)
		return
	}
	writeJSON(w, http.StatusOK, result)
}

func (s *server) deleteLetters(w http.ResponseWriter, r *http.Request) {
	f, p := letterFilter(r, "all")
	if all := p.boolean("all", false); f.All() && !all {
		p.refuse("all", "without a filter this takes out every dead letter; give a filter, or all=true")
	}
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	n, err := s.cfg.DeadLetters.Delete(r.Context(), f)
	if err != nil {
		lettersProblem(err).write(w)
		return
	}
	writeJSON(w, http.StatusOK, LettersDeleted{n})
}

// lettersProblem is the one place that maps the errors of dead letters to answers.
func lettersProblem(err error) *Problem {
	if wrong, ok := errors.AsType[*ParameterError](err); ok {
		return badParameter(wrong.Parameter, wrong.Message)
	}
	limited, isLimited := errors.AsType[*pipeline.RateError](err)
	switch {
	case errors.Is(err, control.ErrConflict):
		return problem(http.StatusConflict, "conflict", err.Error())
	case errors.Is(err, pipeline.ErrNoRun):
		return problem(http.StatusServiceUnavailable, "no_run", err.Error()+"; start one with POST /v1/start and replay again").after(retryNoRun)
	case isLimited:
		return problem(http.StatusTooManyRequests, "rate_limited", err.Error()+"; what is not sent is still a dead letter: replay again after Retry-After").after(limited.After(0))
	case gone(err):
		return problem(http.StatusGatewayTimeout, "outcome_unknown", "the connection ended first; ask GET /v1/dead-letters what is left")
	}
	return problem(http.StatusInternalServerError, "internal", err.Error())
}
