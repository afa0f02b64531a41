package main

import (
	"fmt"
	"time"
)

var (
	paths = []string{
		"/api/v2/cart", "/api/v2/cart/items", "/api/v2/orders", "/api/v2/orders/history", "/login", "/healthz",
		"/search?q=%C3%A9tag%C3%A8re", "/static/app.js", "/api/v2/users/me", "/api/v2/export?format=csv&from=2026-01-01",
	}
	notes = []string{
		"request completed", "upstream call finished", "cache miss, went to the origin", "retried after a reset connection",
		"slow query", "session refreshed for Zoë", "customer said \"not now\"", "payment authorised", "path C:\\spool\\out is gone",
		"mail to josé@example.com queued", "column\tseparated\tnote", "Bestellung für Müller geprüft", "注文を受け付けました", "shipped 📦",
		"two lines\nin one message",
	}
	plans      = []string{"free", "free", "free", "pro", "pro", "team"}
	tags       = []string{"mobile", "web", "beta", "retry", "canary", "eu", "batch", "vip"}
	statements = []string{"select orders", "insert order", "update stock", "delete cart", "select product"}
	jobs       = []string{"send_invoice", "daily_report", "expire_sessions", "rebuild_index"}
)

// event returns a good event.
func (s *sample) event() *object {
	svc := services[s.r.IntN(len(services))]
	s.clock = s.clock.Add(time.Duration(s.r.IntN(180_000)) * time.Microsecond)
	o := newObject()
	o.text("id", s.uuid())
	o.text("ts", s.timestamp())
	level := s.level()
	o.text("level", level)
	o.text("service", svc.name)
	if s.r.IntN(40) > 0 {
		o.text("host", hostName(svc, s.r.IntN(svc.hosts)))
	}
	svc.kind(s, o)
	note := notes[s.r.IntN(len(notes))]
	if s.r.IntN(4) == 0 {
		o.raw("msg", quoteASCII(note))
	} else {
		o.text("msg", note)
	}
	s.extras(o, level)
	return o
}

func (s *sample) request(o *object) {
	o.raw("status", fmt.Sprint(s.status()))
	o.raw("duration_ms", s.duration(120))
	o.text("path", paths[s.r.IntN(len(paths))])
	o.int("bytes", int64(s.r.IntN(200_000)))
	s.user(o)
}

func (s *sample) query(o *object) {
	o.raw("duration_ms", s.duration(40))
	o.raw("db", fmt.Sprintf(`{"statement":%s,"rows":%d}`, quote(statements[s.r.IntN(len(statements))]), s.r.IntN(500)))
}

func (s *sample) job(o *object) {
	o.raw("job", fmt.Sprintf(`{"name":%s,"attempt":%d}`, quote(jobs[s.r.IntN(len(jobs))]), 1+s.r.IntN(3)))
	if s.r.IntN(3) > 0 {
		o.raw("duration_ms", s.duration(900))
	}
}

func (s *sample) login(o *object) {
	o.raw("status", fmt.Sprint([]int{200, 200, 200, 401, 403, 429}[s.r.IntN(6)]))
	o.text("ip", fmt.Sprintf("203.0.113.%d", s.r.IntN(256)))
	s.user(o)
}

func (s *sample) user(o *object) {
	if s.r.IntN(4) == 0 {
		o.raw("user", "null")
		return
	}
	o.raw("user", fmt.Sprintf(`{"id":%d,"plan":%s}`, 1000+s.r.IntN(9000), quote(plans[s.r.IntN(len(plans))])))
}

// extras are what only some events have.
func (s *sample) extras(o *object, level string) {
	if s.r.IntN(3) == 0 {
		if s.r.IntN(3) == 0 {
			s.trace = s.hex(16)
		}
		o.raw("trace", fmt.Sprintf(`{"id":%s,"span":%s}`, quote(s.trace), quote(s.hex(8))))
	}
	if s.r.IntN(3) == 0 {
		k := s.r.IntN(len(tags))
		list := quote(tags[k])
		if s.r.IntN(2) == 0 {
			list += "," + quote(tags[(k+1+s.r.IntN(len(tags)-1))%len(tags)])
		}
		o.raw("tags", "["+list+"]")
	}
	if level == "debug" {
		o.raw("internal", fmt.Sprintf(`{"goroutines":%d,"heap_mb":%.1f}`, 20+s.r.IntN(400), 10+90*s.r.Float64()))
	}
	if level == "error" || level == "fatal" {
		o.raw("error", fmt.Sprintf(`{"type":%s,"stack":["main.run","main.main"]}`, quote([]string{"timeout", "refused", "conflict"}[s.r.IntN(3)])))
	}
}

func (s *sample) level() string {
	switch n := s.r.IntN(1000); {
	case n < 6:
		return "fatal"
	case n < 60:
		return "error"
	case n < 160:
		return "warn"
	case n < 760:
		return "info"
	}
	return "debug"
}

func (s *sample) status() int {
	return []int{200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 404, 500, 503}[s.r.IntN(13)]
}

// duration is spelled as different loggers do. Most are short, a few very long.
func (s *sample) duration(typical float64) string {
	ms := typical * s.r.ExpFloat64()
	switch s.r.IntN(12) {
	case 0:
		return fmt.Sprintf("%.0f", ms)
	case 1:
		return fmt.Sprintf("%.2e", ms)
	case 2:
		return fmt.Sprintf("%.3f", ms)
	}
	return fmt.Sprintf("%.1f", ms)
}

func (s *sample) timestamp() string {
	switch s.r.IntN(10) {
	case 0:
		return s.clock.In(time.FixedZone("", 2*3600)).Format("2006-01-02T15:04:05.000-07:00")
	case 1:
		return s.clock.Format("2006-01-02T15:04:05Z")
	case 2:
		return s.clock.Format("2006-01-02T15:04:05.000000Z")
	}
	return s.clock.Format("2006-01-02T15:04:05.000Z")
}
