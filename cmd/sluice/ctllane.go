package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sluice/cmd/sluice/internal/client"
	"sluice/cmd/sluice/internal/config"
	"sluice/control"
	"sluice/pipeline"
)

// laneKeys are the keys of ctl lane, with how a value is read; the control API
// takes what it returns.
var laneKeys = []struct {
	name string
	read func(change *control.LaneChange, text string) (value any, err error)
}{
	{"capacity", func(c *control.LaneChange, text string) (any, error) { return readNumber(&c.Capacity, text) }},
	{"weight", func(c *control.LaneChange, text string) (any, error) { return readNumber(&c.Weight, text) }},
	{"full", func(c *control.LaneChange, text string) (any, error) {
		return readWord(&c.Full, text, pipeline.FullModes...)
	}},
	{"dropped", func(c *control.LaneChange, text string) (any, error) {
		return readWord(&c.Dropped, text, pipeline.DropToNowhere, pipeline.DropToDeadLetter)
	}},
	{"max_wait", func(c *control.LaneChange, text string) (any, error) {
		var d config.Duration
		err := d.UnmarshalText([]byte(text))
		c.MaxWait = new(time.Duration(d))
		return text, err
	}},
}

func readNumber(to **int, text string) (any, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%q; expected a whole number", text)
	}
	*to = &n
	return n, nil
}

func readWord[T ~string](to **T, text string, known ...T) (any, error) {
	words := make([]string, len(known))
	for i, w := range known {
		if words[i] = string(w); words[i] == text {
			*to = &w
			return text, nil
		}
	}
	if near := config.Nearest(text, words); near != "" {
		return nil, fmt.Errorf("%q; did you mean %s?", text, near)
	}
	return nil, fmt.Errorf("%q; expected %s", text, strings.Join(words, ", "))
}

// setLane makes the call of ctl lane, or tells every mistake in its words.
func setLane(r *client.Request, args []string) error {
	if len(args) < 3 {
		return ctlUsage("ctl lane takes a stage, a lane and what is to change, such as: ctl lane enrich low full=drop-oldest capacity=100")
	}
	mistakes := []string{}
	if _, err := pipeline.ParseLane(args[1]); err != nil {
		mistakes = append(mistakes, unknownLane(args[1]))
	}
	body, more := readLaneChange(args[2:])
	switch mistakes = append(mistakes, more...); len(mistakes) {
	case 0:
	case 1:
		return ctlUsage("ctl lane: %s", mistakes[0])
	default:
		return ctlUsage("ctl lane: there are %d mistakes:\n  %s\n", len(mistakes), strings.Join(mistakes, "\n  "))
	}
	r.Method = http.MethodPatch
	r.Path = "/v1/stages/" + url.PathEscape(args[0]) + "/lanes/" + args[1]
	r.Body = body
	return nil
}

func unknownLane(word string) string {
	var names []string
	for l := range pipeline.Lane(pipeline.LaneCount) {
		names = append(names, l.String())
	}
	if near := config.Nearest(word, names); near != "" {
		return fmt.Sprintf("unknown lane %q; did you mean %s?", word, near)
	}
	return fmt.Sprintf("unknown lane %q; expected %s", word, strings.Join(names, ", "))
}

// readLaneChange reads words of the form key=value into the body of a request.
func readLaneChange(words []string) (body map[string]any, mistakes []string) {
	body = map[string]any{}
	var change control.LaneChange
	for _, word := range words {
		if err := readLaneWord(&change, body, word); err != nil {
			mistakes = append(mistakes, err.Error())
		}
	}
	if err := change.Validate(); err != nil {
		mistakes = append(mistakes, strings.Split(err.Error(), "\n")...)
	}
	return body, mistakes
}

func readLaneWord(change *control.LaneChange, body map[string]any, word string) error {
	key, text, ok := strings.Cut(word, "=")
	if !ok {
		return fmt.Errorf("found %q; expected a key and a value, such as capacity=100", word)
	}
	var names []string
	for _, k := range laneKeys {
		names = append(names, k.name)
		if k.name != key {
			continue
		}
		if _, twice := body[key]; twice {
			return fmt.Errorf("%s is given twice; expected it once", key)
		}
		value, err := k.read(change, text)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		body[key] = value
		return nil
	}
	if near := config.Nearest(key, names); near != "" {
		return fmt.Errorf("unknown key %q; did you mean %s?", key, near)
	}
	return fmt.Errorf("unknown key %q; expected %s", key, strings.Join(names, ", "))
}
