package api

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"sluice/pipeline"
)

// maxKey bounds an Idempotency-Key, in bytes.
const maxKey = 255

// postOnce posts a body under a key: sent again under the same key, it is not
// taken in again but answered as the first time. What a client that has gone
// has sent is followed to its end, so that it can ask again.
func (s *server) postOnce(w http.ResponseWriter, r *http.Request, body io.Reader, key string, o pipeline.PostOptions) {
	request := fmt.Sprintf("%s %d %s", r.URL.RawQuery, r.ContentLength, o.Encoding)
	earlier, slot, bad := s.remembered.begin(key, request, time.Now())
	switch {
	case bad != nil:
		bad.write(w)
	case earlier != nil:
		w.Header().Set("Idempotency-Replayed", "true")
		earlier.write(w)
	default:
		finished := false
		defer func() {
			if !finished { // it panicked: what became of it is not known, so the key stays taken for its time
				slot.end(unknown(), true, time.Now())
			}
		}()
		given, took := s.post(followed(r), body, o)
		finished = true
		slot.end(given, took, time.Now())
		given.write(w)
	}
}

func unknown() answer {
	return problem(http.StatusGatewayTimeout, "outcome_unknown", "the request broke off inside sluice; what became of it is not known").answer()
}
