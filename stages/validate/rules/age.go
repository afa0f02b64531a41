package rules

import (
	"errors"
	"fmt"
	"time"

	"sluice/pipeline"
	"sluice/stages/timestamp"
)

// AgeConfig bounds how far a record's timestamp may be from the time at which
// it is checked.
type AgeConfig struct {
	Field  string         // path of an RFC 3339 timestamp
	Limit  *time.Duration // how old it may be; nil for any age
	Future *time.Duration // how far it may be in the future; nil for any
}

// Age is a compiled AgeConfig.
type Age struct {
	AgeConfig
	path pipeline.Path
}

// NewAge checks a configuration. The error joins a *pipeline.ConfigError for
// each mistake.
func NewAge(cfg AgeConfig) (*Age, error) {
	a := &Age{AgeConfig: cfg}
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if cfg.Field == "" {
		bad("field", "there is none; expected the path of a timestamp, such as ts")
	} else {
		var err error
		if a.path, err = pipeline.ParsePath(cfg.Field); err != nil {
			bad("field", "%v", err)
		}
	}
	if cfg.Limit == nil && cfg.Future == nil {
		bad("", "neither limit nor future is set; expected a duration such as limit: 24h")
	}
	if cfg.Limit != nil && *cfg.Limit <= 0 {
		bad("limit", "%v; expected more than 0, such as 24h", *cfg.Limit)
	}
	if cfg.Future != nil && *cfg.Future < 0 {
		bad("future", "%v; expected 0s or more, such as 5m", *cfg.Future)
	}
	return a, errors.Join(errs...)
}

// Check returns why the record's timestamp is out of bounds at now, nil when it
// is not. A field that is missing or null passes. One that is no timestamp has
// no age that could be told, and fails as a rule does.
func (a *Age) Check(r *pipeline.Record, now time.Time) *pipeline.RecordError {
	v := r.Get(a.path)
	if v.Kind() <= pipeline.KindNull {
		return nil
	}
	t, ok := a.read(v)
	switch {
	case !ok:
		return a.fail(pipeline.CodeRule, v, "expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z, whose age can be told")
	case a.Limit != nil && t.Before(now.Add(-*a.Limit)):
		return a.fail(pipeline.CodeTooOld, v, "%v old when it came; must be at most %v", now.Sub(t).Truncate(time.Millisecond), *a.Limit)
	case a.Future != nil && t.After(now.Add(*a.Future)):
		return a.fail(pipeline.CodeInFuture, v, "%v in the future when it came; must be at most %v", t.Sub(now).Truncate(time.Millisecond), *a.Future)
	}
	return nil
}

func (a *Age) read(v pipeline.Value) (time.Time, bool) {
	if v.Kind() != pipeline.KindString {
		return time.Time{}, false
	}
	var buf [64]byte
	return timestamp.Parse(v.Text(buf[:]))
}

func (a *Age) fail(code pipeline.Code, v pipeline.Value, format string, args ...any) *pipeline.RecordError {
	return &pipeline.RecordError{
		Code: code, Pointer: a.path.Pointer(),
		Message: fmt.Sprintf("%s is %s; %s", a.path, quote(v), fmt.Sprintf(format, args...)),
	}
}
