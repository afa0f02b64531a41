package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"sluice/pipeline"
)

// How long to wait before sending again what was not taken in.
const (
	retryFull  = 1 * time.Second
	retryNoRun = 5 * time.Second
)

// Records says what became of a posted body's lines. What is accepted and in no
// other term is not settled.
type Records struct {
	Accepted  int64       `json:"accepted"`
	Persisted int64       `json:"persisted"`
	Dead      int64       `json:"dead"`
	Dropped   int64       `json:"dropped"`
	Filtered  int64       `json:"filtered"`
	Errors    []LineError `json:"errors"`            // of dead letters, a bounded number of them
	Refused   []int64     `json:"refused,omitempty"` // numbers of the lines that were not taken in
	// Durable says, in an answer to ack=accepted, whether what was accepted
	// outlives the process.
	Durable *bool `json:"durable,omitempty"`
}

// LineError is one dead letter of a body.
type LineError struct {
	Line    int64         `json:"line"` // from 1, blank lines counted
	Code    pipeline.Code `json:"code"`
	Pointer string        `json:"pointer"` // JSON Pointer to the field, "" for the whole line
	Message string        `json:"message"`
}

// records takes a body of NDJSON in.
func (s *server) records(w http.ResponseWriter, r *http.Request) {
	options, bad := postOptions(r)
	key := r.Header.Get("Idempotency-Key")
	switch {
	case bad != nil:
	case s.cfg.Poster == nil:
		bad = problem(http.StatusServiceUnavailable, "no_run", "this sluice takes no records over HTTP: start it with sluice serve")
	case len(key) > maxKey:
		bad = badParameter("Idempotency-Key", fmt.Sprintf("Idempotency-Key is %d bytes long; expected at most %d", len(key), maxKey))
	}
	if bad != nil {
		if bad.Status == http.StatusUnsupportedMediaType {
			w.Header().Set("Accept-Encoding", "gzip, zstd")
		}
		bad.write(w)
		return
	}
	body := limit(w, r, s.cfg.MaxBodyBytes)
	if key == "" {
		given, _ := s.post(followed(r), body, options)
		given.write(w)
		return
	}
	s.postOnce(w, r, body, key, options)
}

// followed returns the context of a post. It does not end with the request's:
// net/http cancels that one whenever reading the body fails, and then what was
// taken in is still to be settled and told. A body that cannot be read on ends
// the post by itself, and so does its timeout.
func followed(r *http.Request) context.Context { return context.WithoutCancel(r.Context()) }

// postOptions reads what the request asks for.
func postOptions(r *http.Request) (pipeline.PostOptions, *Problem) {
	p := parameters(r, "lane", "ack", "timeout")
	o := pipeline.PostOptions{
		Ack:     pipeline.AckPersisted,
		Timeout: p.duration("timeout", pipeline.DefaultPostTimeout),
	}
	if text := p.query.Get("lane"); text != "" {
		lane, err := pipeline.ParseLane(text)
		if err != nil {
			p.refuse("lane", "%v", err)
		}
		o.Lane = &lane
	}
	if text := p.query.Get("ack"); text != "" {
		o.Ack = pipeline.Ack(text)
		if !slices.Contains([]pipeline.Ack{pipeline.AckAccepted, pipeline.AckPersisted}, o.Ack) {
			p.refuse("ack", "ack is %q; expected %s or %s", text, pipeline.AckPersisted, pipeline.AckAccepted)
		}
	}
	encoding, ok := contentEncoding(r.Header.Values("Content-Encoding"))
	if !ok && p.bad == nil {
		p.bad = problem(http.StatusUnsupportedMediaType, "encoding_not_supported", fmt.Sprintf(
			"Content-Encoding is %q; expected gzip, zstd or none", strings.Join(r.Header.Values("Content-Encoding"), ", ")))
		p.bad.Parameter = "Content-Encoding"
	}
	o.Encoding = encoding
	return o, p.bad
}

// contentEncoding names the one encoding of a body; false when it is not one
// that sluice reads.
func contentEncoding(values []string) (string, bool) {
	if len(values) > 1 {
		return "", false
	}
	if len(values) == 0 {
		return "", true
	}
	switch name := strings.ToLower(strings.TrimSpace(values[0])); name {
	case "", "identity":
		return "", true
	case "gzip", "x-gzip":
		return "gzip", true
	case "zstd":
		return name, true
	}
	return "", false
}

// post takes the body in and says what to answer. took says whether anything of
// it is in, so that sending it again would double it.
func (s *server) post(ctx context.Context, body io.Reader, o pipeline.PostOptions) (given answer, took bool) {
	result, err := s.cfg.Poster.Post(ctx, body, o)
	told := newRecords(&result, o.Ack)
	if err != nil {
		p := postProblem(err, len(result.Refused))
		if p.Status == http.StatusGatewayTimeout && settled(&result) {
			p = timedOut(err)
		}
		if broken, ok := errors.AsType[bodyError](err); ok {
			p.Line = broken.BodyLine()
		}
		if result.Accepted > 0 || len(result.Refused) > 0 {
			p.Records = told
		}
		return p.answer(), result.Accepted > 0
	}
	status := http.StatusOK
	if o.Ack == pipeline.AckAccepted && result.Durable {
		status = http.StatusAccepted
	}
	return answer{status: status, body: encode(told)}, true
}

func newRecords(result *pipeline.PostResult, ack pipeline.Ack) *Records {
	r := &Records{
		Accepted:  result.Accepted,
		Persisted: result.Persisted,
		Dead:      result.Dead,
		Dropped:   result.Dropped,
		Filtered:  result.Filtered,
		Errors:    make([]LineError, len(result.Errors)),
		Refused:   result.Refused,
	}
	for i, e := range result.Errors {
		r.Errors[i] = LineError(e)
	}
	if ack == pipeline.AckAccepted {
		r.Durable = new(result.Durable)
	}
	return r
}

// postProblem is the one place that maps the errors of posts to answers. refused is
// the number of lines that were not taken in.
func postProblem(err error, refused int) *Problem {
	tooLarge, isTooLarge := errors.AsType[*http.MaxBytesError](err)
	limited, isLimited := errors.AsType[*pipeline.RateError](err)
	switch {
	case isTooLarge:
		return problem(http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf(
			"the body is larger than %d bytes, the most that is taken at once; the lines before that may be in: send it in parts", tooLarge.Limit))
	case errors.Is(err, pipeline.ErrBodyTooLarge):
		return problem(http.StatusRequestEntityTooLarge, "body_too_large", err.Error()+"; the lines before that may be in: send it in parts")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem(http.StatusRequestTimeout, "body_stalled",
			"no byte of the body arrived for too long; the whole lines before that may be in: send the rest again")
	case errors.Is(err, pipeline.ErrBodyCutOff), errors.Is(err, io.ErrUnexpectedEOF):
		return problem(http.StatusBadRequest, "body_cut_off", err.Error()+"; the whole lines before that may be in, half a line is not: send the rest again")
	case errors.Is(err, pipeline.ErrBadEncoding):
		return problem(http.StatusBadRequest, "bad_encoding", err.Error()+"; the lines before that may be in: send the rest as Content-Encoding says")
	case errors.Is(err, pipeline.ErrFull):
		return problem(http.StatusTooManyRequests, "lane_full", err.Error()+"; the lines listed as refused were not taken in: send them again later, or give a timeout to wait for room").after(retryFull)
	case isLimited:
		return problem(http.StatusTooManyRequests, "rate_limited", err.Error()+"; the lines listed as refused were not taken in: send them again after Retry-After").after(limited.After(refused))
	case errors.Is(err, pipeline.ErrUnsettled):
		return problem(http.StatusServiceUnavailable, "unsettled", err.Error()+"; what is accepted and neither persisted nor dead may be lost").after(retryNoRun)
	case errors.Is(err, pipeline.ErrPaused):
		return problem(http.StatusServiceUnavailable, "paused", err.Error()+"; send it again after it was resumed, or give a timeout to wait").after(retryNoRun)
	case errors.Is(err, pipeline.ErrNoRun):
		return problem(http.StatusServiceUnavailable, "no_run", err.Error()+"; start one with POST /v1/start and send it again").after(retryNoRun)
	case errors.Is(err, pipeline.ErrTimeout), gone(err):
		return problem(http.StatusGatewayTimeout, "outcome_unknown", err.Error()+"; what is accepted goes on, and sending it again may double it")
	}
	return problem(http.StatusInternalServerError, "internal", err.Error())
}

// settled says that nothing that was accepted is still on its way.
func settled(r *pipeline.PostResult) bool {
	return r.Accepted == r.Persisted+r.Dead+r.Dropped+r.Filtered
}

// timedOut is for a time that was over when nothing was unknown: what was
// accepted is settled, and the rest was not taken in.
func timedOut(err error) *Problem {
	return problem(http.StatusGatewayTimeout, "timed_out",
		"the time was over before everything was taken in, and what was is settled: send the rest again, or give a longer timeout ("+err.Error()+")")
}

// bodyError is an error of a body that was not read to its end.
type bodyError interface {
	error
	// BodyLine returns the first line, from 1, that was not taken in because
	// of it.
	BodyLine() int64
}

// gone says that the client, or its patience, has ended.
func gone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
