package api

import (
	"container/list"
	"net/http"
	"sync"
	"time"
)

// What is remembered of requests with an Idempotency-Key.
const (
	rememberFor   = 10 * time.Minute
	rememberKeys  = 1024
	rememberBytes = 8 << 20 // of answers
)

// memory keeps the answers to requests with a key, in this process only, and
// forgets the oldest first.
type memory struct {
	mu    sync.Mutex // guards what follows
	keys  map[string]*slot
	ended *list.List // of *slot, oldest first
	bytes int64      // of the answers in ended
}

// slot is one key. It is not in ended while its request is under way.
type slot struct {
	m       *memory
	key     string
	request string // what else tells the request from another
	given   *answer
	at      time.Time // when it was given
}

func newMemory() *memory {
	return &memory{keys: map[string]*slot{}, ended: list.New()}
}

// begin looks a key up: the answer given before, or a slot that the caller must
// end, or why neither can be had.
func (m *memory) begin(key, request string, now time.Time) (*answer, *slot, *Problem) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetLocked(now)
	known := m.keys[key]
	switch {
	case known == nil && len(m.keys)-m.ended.Len() >= rememberKeys:
		return nil, nil, problem(http.StatusServiceUnavailable, "busy",
			"too many requests with an Idempotency-Key are under way; send it again in a moment").after(retryFull)
	case known == nil:
		s := &slot{m: m, key: key, request: request}
		m.keys[key] = s
		return nil, s, nil
	case known.request != request:
		p := problem(http.StatusUnprocessableEntity, "key_reused",
			"this Idempotency-Key came with another request before (query, length or encoding differ); use a new key for a new request")
		p.Parameter = "Idempotency-Key"
		return nil, nil, p
	case known.given == nil:
		p := problem(http.StatusConflict, "key_in_use",
			"a request with this Idempotency-Key is under way; wait for its answer, or send it again later").after(retryFull)
		p.Parameter = "Idempotency-Key"
		return nil, nil, p
	}
	return known.given, nil, nil
}

// end keeps the answer where the request had an effect, and frees the key where
// it had none.
func (s *slot) end(given answer, keep bool, now time.Time) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if !keep {
		delete(s.m.keys, s.key)
		return
	}
	s.given, s.at = &given, now
	s.m.ended.PushBack(s)
	s.m.bytes += int64(len(given.body))
	s.m.forgetLocked(now)
}

// forgetLocked drops what is too old or too much.
func (m *memory) forgetLocked(now time.Time) {
	for first := m.ended.Front(); first != nil; first = m.ended.Front() {
		s := first.Value.(*slot)
		fits := m.ended.Len() <= rememberKeys && m.bytes <= rememberBytes
		if fits && now.Sub(s.at) < rememberFor {
			return
		}
		m.ended.Remove(first)
		m.bytes -= int64(len(s.given.body))
		delete(m.keys, s.key)
	}
}
