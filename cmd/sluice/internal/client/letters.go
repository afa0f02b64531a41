package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sluice/control/api"
	"sluice/pipeline"
)

// Letters are the dead letters of the sluice that a client talks to. It is
// api.DeadLetters.
type Letters struct{ Client *Client }

const lettersPath = "/v1/dead-letters"

// Each implements api.DeadLetters. Of records the ids are not told.
func (l Letters) Each(ctx context.Context, f pipeline.LetterFilter, form api.LetterForm, visit func(int64, []byte) error) error {
	if form == api.LetterBrief {
		return l.pages(ctx, f, visit)
	}
	query := filterQuery(f)
	query.Set("format", string(form))
	body, err := l.Client.Get(ctx, Request{Method: http.MethodGet, Path: lettersPath + "/export", Query: query})
	if err != nil {
		return err
	}
	defer body.Close()
	lines := bufio.NewReaderSize(body, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		switch {
		case err == io.EOF && len(line) == 0:
			return nil
		case err != nil:
			return fmt.Errorf("read the answer of %s: it was cut off: %w", l.Client.base.Redacted(), err)
		}
		line = line[:len(line)-1]
		var id int64
		if form == api.LetterWhole {
			if id, err = idOf(line); err != nil {
				return err
			}
		}
		if err := visit(id, line); err != nil {
			return err
		}
	}
}

// pages walks through the list, page by page.
func (l Letters) pages(ctx context.Context, f pipeline.LetterFilter, visit func(int64, []byte) error) error {
	for left := f.Limit; ; {
		f.Limit = api.MaxLetters
		if left > 0 {
			f.Limit = min(left, api.MaxLetters)
		}
		var page api.LetterPage
		if err := l.ask(ctx, Request{Method: http.MethodGet, Path: lettersPath, Query: filterQuery(f)}, &page); err != nil {
			return err
		}
		for _, line := range page.DeadLetters {
			id, err := idOf(line)
			if err != nil {
				return err
			}
			if err := visit(id, line); err != nil {
				return err
			}
		}
		if left > 0 {
			if left -= len(page.DeadLetters); left <= 0 {
				return nil
			}
		}
		if page.Next == 0 {
			return nil
		}
		f.After = page.Next
	}
}

func idOf(line []byte) (int64, error) {
	var letter struct {
		ID int64 `json:"id"`
	}
	err := json.Unmarshal(line, &letter)
	return letter.ID, err
}

// Stats implements api.DeadLetters.
func (l Letters) Stats(ctx context.Context, f pipeline.LetterFilter) ([]pipeline.LetterCount, error) {
	var stats api.LetterStats
	err := l.ask(ctx, Request{Method: http.MethodGet, Path: lettersPath + "/stats", Query: filterQuery(f)}, &stats)
	return stats.Stats, err
}

// Delete implements api.DeadLetters.
func (l Letters) Delete(ctx context.Context, f pipeline.LetterFilter) (int64, error) {
	query := filterQuery(f)
	if f.All() {
		query.Set("all", "true")
	}
	var deleted api.LettersDeleted
	err := l.ask(ctx, Request{Method: http.MethodDelete, Path: lettersPath, Query: query}, &deleted)
	return deleted.Deleted, err
}

// Replay implements api.DeadLetters.
func (l Letters) Replay(ctx context.Context, f pipeline.LetterFilter, o pipeline.ReplayOptions) (result pipeline.ReplayResult, err error) {
	query := filterQuery(f)
	if o.FromFailed {
		query.Set("from", "failed")
	}
	if o.Lane != nil {
		query.Set("to_lane", o.Lane.String())
	}
	err = l.ask(ctx, Request{Method: http.MethodPost, Path: lettersPath + "/replay", Query: query}, &result)
	return result, err
}

// ask sends a request and reads the JSON that comes back.
func (l Letters) ask(ctx context.Context, r Request, into any) error {
	body, err := l.Client.Get(ctx, r)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", l.Client.base.Redacted(), err)
	}
	return nil
}

// filterQuery is the inverse of api.LetterFilter.
func filterQuery(f pipeline.LetterFilter) url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	ids := make([]string, len(f.IDs))
	for i, id := range f.IDs {
		ids[i] = strconv.FormatInt(id, 10)
	}
	set("id", strings.Join(ids, ","))
	set("stage", strings.Join(f.Stages, ","))
	set("code", strings.Join(f.Codes, ","))
	set("lane", strings.Join(f.Lanes, ","))
	for _, source := range f.Sources { // a path may have a comma
		q.Add("source", source)
	}
	for name, t := range map[string]time.Time{"since": f.Since, "until": f.Until} {
		if !t.IsZero() {
			q.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	if f.After > 0 {
		q.Set("after", strconv.FormatInt(f.After, 10))
	}
	if f.Limit > 0 {
		q.Set("limit", strconv.Itoa(f.Limit))
	}
	return q
}
