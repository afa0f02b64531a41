package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sluice/control"
)

// maxCommandBody bounds the body of a command.
const maxCommandBody = 4 << 10

func (s *server) start(w http.ResponseWriter, r *http.Request) {
	p := parameters(r, "wait")
	s.command(w, r, p, control.Start{NoWait: !p.boolean("wait", true)})
}

func (s *server) stop(w http.ResponseWriter, r *http.Request) {
	p := parameters(r, "mode", "timeout", "wait")
	s.command(w, r, p, control.Stop{
		Mode:    control.StopMode(p.query.Get("mode")),
		Timeout: p.duration("timeout", 0),
		NoWait:  !p.boolean("wait", true),
	})
}

func (s *server) pause(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, parameters(r), control.Pause{})
}

func (s *server) resume(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, parameters(r), control.Resume{})
}

func (s *server) pauseStage(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, parameters(r), control.PauseStage{Stage: r.PathValue("stage")})
}

func (s *server) resumeStage(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, parameters(r), control.ResumeStage{Stage: r.PathValue("stage")})
}

func (s *server) status(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, parameters(r), control.Query{})
}

func (s *server) resize(w http.ResponseWriter, r *http.Request) {
	p := parameters(r)
	workers, bad := readWorkers(r.Body)
	if bad != nil && p.bad == nil {
		p.bad = bad
	}
	s.command(w, r, p, control.Resize{Stage: r.PathValue("stage"), Workers: workers})
}

// readWorkers reads the body of a resize: {"workers": n} and nothing else.
func readWorkers(body io.Reader) (int, *Problem) {
	var change struct {
		Workers *int `json:"workers"`
	}
	err := readObject(body, &change)
	if err == nil && change.Workers == nil {
		err = errors.New("workers is missing")
	}
	if err != nil {
		bad := badBody(err, `{"workers": 4}`)
		bad.Parameter = "workers"
		return 0, bad
	}
	return *change.Workers, nil
}

// readObject reads a body that is one JSON object with no other keys than those
// of into.
func readObject(body io.Reader, into any) error {
	d := json.NewDecoder(io.LimitReader(body, maxCommandBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more behind the object")
	}
	return nil
}

func badBody(err error, like string) *Problem {
	return problem(http.StatusBadRequest, "bad_body", fmt.Sprintf("%v; expected a body like %s", err, like))
}

// command hands a command on and answers with the status.
func (s *server) command(w http.ResponseWriter, r *http.Request, p *params, cmd control.Command) {
	if p.bad != nil {
		p.bad.write(w)
		return
	}
	answer, err := s.cfg.Commander.Do(r.Context(), cmd)
	switch {
	case err != nil:
		commandProblem(err).write(w)
	case answer.UnderWay:
		writeJSON(w, http.StatusAccepted, answer.Status)
	default:
		writeJSON(w, http.StatusOK, answer.Status)
	}
}

// commandProblem is the one place that maps the errors of commands to answers.
func commandProblem(err error) *Problem {
	switch {
	case errors.Is(err, control.ErrBusy):
		return problem(http.StatusServiceUnavailable, "busy", err.Error()).after(time.Second)
	case errors.Is(err, control.ErrEnded):
		return problem(http.StatusServiceUnavailable, "shutting_down", err.Error()+"; start it again and repeat the request")
	case errors.Is(err, control.ErrNoStage):
		p := problem(http.StatusNotFound, "no_stage", err.Error())
		p.Parameter = "stage"
		return p
	case errors.Is(err, control.ErrInvalid):
		return badParameter("", err.Error())
	case errors.Is(err, control.ErrConflict):
		return problem(http.StatusConflict, "conflict", err.Error())
	case gone(err):
		return problem(http.StatusGatewayTimeout, "outcome_unknown", "the connection ended before the command did; ask GET /v1/status what became of it")
	}
	return problem(http.StatusInternalServerError, "internal", err.Error())
}
