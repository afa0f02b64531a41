package bench

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// The words that events are made of.
var (
	levels   = []string{"debug", "info", "warn", "error", "fatal"}
	kinds    = []string{"web", "api", "db", "cache", "batch"}
	services = []string{"checkout", "cart", "search", "auth", "billing", "catalog", "shipping", "notify", "gateway", "recommend"}
	paths    = []string{"/api/cart", "/api/cart/items", "/api/checkout", "/api/search?q=shoes", "/api/user/profile", "/healthz", "/api/orders/history", "/static/app.js", "/api/login", "/api/recommend/v2"}
	messages = []string{"request completed", "upstream call finished", "cache miss, falling back to origin", `user said \"ok\" and went on`, "slow query detected in pool", "retrying after transient failure", "session refreshed for Zoë", "payment authorised by provider", "connection reset by peer, will retry", "request completed with warnings"}
	statuses = []int{200, 200, 200, 200, 204, 301, 404, 500, 503}
)

// firstTime is the time of the first event.
var firstTime = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// idDigits are the digits at the end of an id that number the records of a lane;
// idAt is where they begin in a generated record.
const (
	idDigits = 12
	idAt     = len(`{"id":"01234567-0123-4123-a123-`)
)

// events makes events of a service's log, of about 262 bytes each.
type events struct {
	rand *rand.Rand
	ts   time.Time
}

func newEvents(seed, stream uint64) *events {
	return &events{rand: rand.New(rand.NewPCG(seed, stream)), ts: firstTime}
}

// next appends one event as JSON: of exactly size bytes, or for 0 as long as it
// comes.
func (e *events) next(dst []byte, size int) []byte {
	start := len(dst)
	dst = e.head(dst)
	const end = len(`,"msg":""}`)
	for _, field := range e.optional() {
		if size == 0 || len(dst)-start+len(field)+end <= size {
			dst = append(dst, field...)
		}
	}
	dst = append(dst, `,"msg":"`...)
	dst = e.message(dst, size-(len(dst)-start)-len(`"}`), size > 0)
	return append(dst, `"}`...)
}

// head appends what every event has.
func (e *events) head(dst []byte) []byte {
	r := e.rand
	dst = append(dst, `{"id":"`...)
	dst = append(appendHex(dst, r.Uint64(), 8), '-')
	dst = append(appendHex(dst, r.Uint64(), 4), `-4`...)
	dst = append(appendHex(dst, r.Uint64(), 3), `-a`...)
	dst = append(appendHex(dst, r.Uint64(), 3), '-')
	dst = appendHex(dst, 0, idDigits)
	e.ts = e.ts.Add(time.Duration(r.IntN(40)) * time.Millisecond)
	dst = e.ts.AppendFormat(append(dst, `","ts":"`...), "2006-01-02T15:04:05.000Z")
	dst = append(append(dst, `","level":"`...), pick(r, levels)...)
	dst = append(append(dst, `","service":"`...), pick(r, services)...)
	dst = append(append(dst, `","host":"`...), pick(r, kinds)...)
	dst = strconv.AppendInt(append(dst, '-'), int64(r.IntN(200)), 10)
	return strconv.AppendInt(append(dst, `","status":`...), int64(statuses[r.IntN(len(statuses))]), 10)
}

// optional returns the fields that small events do without.
func (e *events) optional() []string {
	r := e.rand
	ip := strconv.Itoa(1+r.IntN(223)) + "." + strconv.Itoa(r.IntN(256)) + "." + strconv.Itoa(r.IntN(256)) + "." + strconv.Itoa(1+r.IntN(254))
	return []string{
		`,"duration_ms":` + strconv.FormatFloat(float64(int(r.ExpFloat64()*1800))/10+0.1, 'f', 1, 64),
		`,"path":"` + pick(r, paths) + `"`,
		`,"user_id":` + strconv.Itoa(1+r.IntN(5_000_000)),
		`,"ip":"` + ip + `"`,
	}
}

// message appends a text; of exactly n bytes when exact.
func (e *events) message(dst []byte, n int, exact bool) []byte {
	if !exact {
		return append(dst, pick(e.rand, messages)...)
	}
	const words = "request completed after the cache was missed and the origin had answered in time; "
	for n > 0 {
		part := words[:min(n, len(words))]
		dst = append(dst, part...)
		n -= len(part)
	}
	return dst
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

// appendHex appends the low digits of v.
func appendHex(dst []byte, v uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[v>>shift&15])
	}
	return dst
}
