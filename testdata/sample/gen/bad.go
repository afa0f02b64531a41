package main

import (
	"fmt"
	"strings"
)

// A bad record's reason code, as the dead letters have it.
const (
	notJSON     = "not_json"
	notObject   = "not_object"
	invalidUTF8 = "invalid_utf8"
	tooLong     = "too_long"
	tooDeep     = "too_deep"
	schema      = "schema"
	columnType  = "column_type"
)

// bad is one way of going wrong.
type bad struct {
	code string
	line func(s *sample, o *object) string
}

// with is a bad record that has a wrong member.
func with(code, key, text string) bad {
	return bad{code, func(_ *sample, o *object) string {
		o.raw(key, text)
		return o.String()
	}}
}

// without is a bad record that lacks a member.
func without(key string) bad {
	return bad{schema, func(_ *sample, o *object) string {
		o.remove(key)
		return o.String()
	}}
}

// line is a bad record that is the same each time.
func line(code, text string) bad {
	return bad{code, func(*sample, *object) string { return text }}
}

// kinds go round, so that every kind comes several times.
var kinds = []bad{
	line(notJSON, "WARN 2026-11-22 logger restarted, 3 events lost"),
	{notJSON, func(s *sample, o *object) string { // torn off
		text := []rune(o.String())
		return string(text[:20+s.r.IntN(len(text)-30)])
	}},
	{notJSON, func(_ *sample, o *object) string { return strings.TrimSuffix(o.String(), "}") + ",}" }},
	with(notJSON, "duration_ms", "NaN"),
	{notJSON, func(_ *sample, o *object) string { return o.String() + o.String() }}, // the line end was lost
	{notJSON, func(_ *sample, o *object) string { return strings.ReplaceAll(o.String(), `"`, `'`) }},
	line(notObject, `["gateway", "restarted"]`),
	line(notObject, `42`),
	line(notObject, `"heartbeat"`),
	line(notObject, `null`),
	with(invalidUTF8, "msg", "\"caf\xe9 geschlossen\""), // Latin-1
	with(invalidUTF8, "path", "\"/files/\xff\xfe\""),
	with(tooDeep, "context", strings.Repeat(`{"cause":`, 200)+`"?"`+strings.Repeat("}", 200)),
	without("id"),
	without("ts"),
	without("service"),
	with(schema, "id", `"42"`),
	with(schema, "id", `42`),
	with(schema, "level", `"WARNING"`),
	with(schema, "level", `3`),
	with(schema, "status", `999`),
	with(schema, "status", `"200"`),
	with(schema, "status", `200.5`),
	with(schema, "duration_ms", `-12.5`),
	with(schema, "duration_ms", `"fast"`),
	with(columnType, "duration_ms", `1e999999999`),
	with(schema, "user", `{"plan":"pro"}`),
	with(schema, "user", `{"id":4711,"plan":"gold"}`),
	with(schema, "user", `"anonymous"`),
	with(schema, "tags", `["web","web"]`),
	with(schema, "tags", `["web",7]`),
	with(schema, "tags", `"web"`),
	with(columnType, "ts", `"yesterday"`),
	with(columnType, "ts", `"2026-02-30T12:00:00Z"`),
	with(columnType, "bytes", `92233720368547758080`),
}

// long is a record of more than 1 MiB.
func (s *sample) long() string {
	o := s.event()
	o.text("dump", strings.Repeat("00 ff ", 250_000))
	return o.String()
}

// bad returns the next bad line and its reason code.
func (s *sample) bad() (text, code string) {
	k := kinds[s.badLines%len(kinds)]
	s.badLines++
	o := s.event()
	text = k.line(s, o)
	if strings.ContainsAny(text, "\r\n") {
		panic(fmt.Sprintf("a bad line has a line end: %q", text))
	}
	return text, k.code
}
