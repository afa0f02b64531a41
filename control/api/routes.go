package api

import (
	"fmt"
	"net/http"
	"strings"
)

// routes lists every endpoint. A method that none of a path's has, and a path
// that is not listed, is answered with a problem too.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	allow := map[string][]string{}
	handle := func(method, path string, h http.HandlerFunc) {
		mux.HandleFunc(method+" "+path, h)
		allow[path] = append(allow[path], method)
	}
	handle("POST", "/v1/start", s.start)
	handle("POST", "/v1/stop", s.stop)
	handle("POST", "/v1/pause", s.pause)
	handle("POST", "/v1/resume", s.resume)
	handle("POST", "/v1/stages/{stage}/pause", s.pauseStage)
	handle("POST", "/v1/stages/{stage}/resume", s.resumeStage)
	handle("PATCH", "/v1/stages/{stage}", s.resize)
	handle("PATCH", "/v1/stages/{stage}/lanes/{lane}", s.setLane)
	handle("GET", "/v1/status", s.status)
	handle("POST", "/v1/records", s.records)
	handle("GET", "/livez", s.livez)
	handle("GET", "/readyz", s.readyz)
	if s.cfg.DeadLetters != nil {
		handle("GET", "/v1/dead-letters", s.listLetters)
		handle("DELETE", "/v1/dead-letters", s.deleteLetters)
		handle("GET", "/v1/dead-letters/{id}", s.showLetter)
		handle("GET", "/v1/dead-letters/stats", s.letterStats)
		handle("GET", "/v1/dead-letters/export", s.exportLetters)
		handle("POST", "/v1/dead-letters/replay", s.replayLetters)
		// A pattern for the other methods of these would be neither more nor less
		// specific than the one of {id}, which answers for them.
		delete(allow, "/v1/dead-letters/stats")
		delete(allow, "/v1/dead-letters/export")
		delete(allow, "/v1/dead-letters/replay")
		mux.HandleFunc("GET /v1/dead-letters/replay", wrongMethod("POST"))
	}
	if s.cfg.Metrics != nil {
		handle("GET", "/metrics", s.cfg.Metrics.ServeHTTP)
	}
	for path, methods := range allow {
		mux.HandleFunc(path, wrongMethod(strings.Join(methods, ", ")))
	}
	mux.HandleFunc("/", notFound)
	return mux
}

func wrongMethod(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		problem(http.StatusMethodNotAllowed, "method_not_allowed",
			fmt.Sprintf("%s is asked for with %s; the method was %s", r.URL.Path, allow, r.Method)).write(w)
	}
}

func notFound(w http.ResponseWriter, r *http.Request) {
	problem(http.StatusNotFound, "not_found", fmt.Sprintf(
		"there is nothing at %s; the API is under /v1 (start, stop, pause, resume, stages/STAGE, status, records, dead-letters), beside /livez, /readyz and /metrics",
		r.URL.Path)).write(w)
}
