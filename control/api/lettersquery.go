package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/pipeline"
)

// letterParameters are those of a filter of dead letters.
var letterParameters = []string{"id", "stage", "code", "lane", "source", "since", "until", "after", "limit"}

// listParameters are those of which several values mean any of them.
var listParameters = []string{"stage", "code", "lane", "source"}

// IsList says whether several values of a parameter mean any of them.
func IsList(parameter string) bool { return slices.Contains(listParameters, parameter) }

// ParameterError says that the value of one parameter cannot be.
type ParameterError struct{ Parameter, Message string }

// Error implements error.
func (e *ParameterError) Error() string { return e.Message }

// LetterFilter reads the parameters of a filter as the endpoints under
// /v1/dead-letters take them; now is what a time ago counts from. Other parameters
// are not looked at. The error is a sentence, parameter the one that is wrong.
func LetterFilter(query url.Values, now time.Time) (f pipeline.LetterFilter, parameter string, err error) {
	for name, to := range map[string]*[]string{"stage": &f.Stages, "code": &f.Codes, "lane": &f.Lanes, "source": &f.Sources} {
		if *to, err = listOf(query, name); err != nil {
			return f, name, err
		}
	}
	for _, lane := range f.Lanes {
		if _, err := pipeline.ParseLane(lane); err != nil {
			return f, "lane", err
		}
	}
	for _, text := range strings.FieldsFunc(query.Get("id"), func(r rune) bool { return r == ',' || r == ' ' }) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 {
			return f, "id", fmt.Errorf("id is %q; expected numbers of dead letters, with commas between them", text)
		}
		f.IDs = append(f.IDs, id)
	}
	if len(f.IDs) > maxIDs {
		return f, "id", fmt.Errorf("there are %d ids; expected at most %d: select by stage, code, lane, source or time", len(f.IDs), maxIDs)
	}
	for name, to := range map[string]*time.Time{"since": &f.Since, "until": &f.Until} {
		if text := query.Get(name); text != "" {
			if *to, err = parseMoment(text, now); err != nil {
				return f, name, fmt.Errorf("%s is %w", name, err)
			}
		}
	}
	if text := query.Get("after"); text != "" {
		if f.After, err = strconv.ParseInt(text, 10, 64); err != nil || f.After < 0 {
			return f, "after", fmt.Errorf("after is %q; expected the number of a dead letter", text)
		}
	}
	if text := query.Get("limit"); text != "" {
		if f.Limit, err = strconv.Atoi(text); err != nil || f.Limit < 1 {
			return f, "limit", fmt.Errorf("limit is %q; expected a number of dead letters, 1 or more", text)
		}
	}
	return f, "", nil
}

// listOf returns the values of a parameter: given several times, or with commas
// between them. A source is a path, which may have a comma itself.
func listOf(query url.Values, name string) (list []string, err error) {
	for _, text := range query[name] {
		values := []string{text}
		if name != "source" {
			values = strings.Split(text, ",")
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v == "" {
				return nil, fmt.Errorf("%s is %q; expected a name, or several with commas between them", name, text)
			}
			list = append(list, v)
		}
	}
	return list, nil
}

// maxIDs is how many ids one filter may have.
const maxIDs = 10_000

// moments are the forms of a time.
var moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, time.DateOnly}

// parseMoment reads a time, of this machine's zone unless it names another, or how
// long ago it was.
func parseMoment(text string, now time.Time) (time.Time, error) {
	for _, layout := range moments {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n >= 0 && n < 1e5 {
			return now.Add(-time.Duration(n * float64(24*time.Hour))), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("%q; expected a time such as 2026-01-31 or 2026-01-31T12:00:00Z, or how long ago, such as 90m or 7d", text)
}

// ReplayOptions reads the parameters from and to_lane of a replay.
func ReplayOptions(query url.Values) (o pipeline.ReplayOptions, parameter string, err error) {
	switch text := query.Get("from"); text {
	case "", "first":
	case "failed":
		o.FromFailed = true
	default:
		return o, "from", fmt.Errorf("from is %q; expected first or failed", text)
	}
	if text := query.Get("to_lane"); text != "" {
		lane, err := pipeline.ParseLane(text)
		if err != nil {
			return o, "to_lane", err
		}
		o.Lane = &lane
	}
	return o, "", nil
}
