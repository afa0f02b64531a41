package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sluice/control"
)

// dialTimeout is how long a sluice may take to be reached; maxAnswer how long
// an answer may be, in bytes.
const (
	dialTimeout = 5 * time.Second
	maxAnswer   = 4 << 20
)

// Client talks to one sluice. It may be used by any number of goroutines.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New returns a client of the sluice at base; token is "" for none. Nothing is
// sent yet.
func New(base *url.URL, token string) *Client {
	transport := &http.Transport{
		Proxy:       http.ProxyFromEnvironment,
		DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext,
	}
	return &Client{base: base, token: token, http: &http.Client{
		Transport: transport,
		// A redirect would carry the command, and the token, somewhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Request is one call of the API.
type Request struct {
	Method string
	Path   string     // such as /v1/stop
	Query  url.Values // nil for none
	Body   any        // sent as JSON; nil for none
}

// Answer is what a sluice answered to a command that it took.
type Answer struct {
	Status   control.Status
	Raw      []byte // Status as it came
	UnderWay bool   // the command has begun and will end by itself
}

// UnreachableError says that nothing answers at an address.
type UnreachableError struct {
	URL string
	Err error
}

// Error implements error.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no sluice answers at %s (%v)", e.URL, e.Err)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// RefusedError is an answer that is not the status.
type RefusedError struct {
	URL    string
	Code   int    // HTTP status
	Title  string // of the problem document, or the code's name
	Detail string // of the problem document; "" where there is none
}

// Error implements error.
func (e *RefusedError) Error() string {
	text := e.Detail
	if text == "" {
		text = e.Title
	}
	return fmt.Sprintf("%s answers %d: %s", e.URL, e.Code, text)
}

// Do sends a request and returns the status that came back. The error is an
// *UnreachableError, a *RefusedError, the context's cause, or says that it is
// no sluice that answered.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	response, err := c.send(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer of %s: %w", c.base.Redacted(), err)
	}
	return c.answer(response, text)
}

// Get sends a request and returns the answer's body, of any length, which the
// caller closes. The error is one of those of Do.
func (c *Client) Get(ctx context.Context, r Request) (io.ReadCloser, error) {
	response, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", c.base.Redacted(), err)
	}
	return nil, c.refusal(response, text)
}

// send sends a request.
func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	request, err := c.request(ctx, r)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err == nil {
		return response, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return nil, &UnreachableError{URL: c.base.Redacted(), Err: err}
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		text, err := json.Marshal(r.Body)
		if err != nil {
			return nil, fmt.Errorf("make the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	u := c.base.JoinPath(r.Path)
	u.RawQuery = r.Query.Encode()
	request, err := http.NewRequestWithContext(ctx, r.Method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, nil
}

func (c *Client) answer(response *http.Response, text []byte) (Answer, error) {
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusAccepted {
		return Answer{}, c.refusal(response, text)
	}
	a := Answer{Raw: text, UnderWay: response.StatusCode == http.StatusAccepted}
	if err := json.Unmarshal(text, &a.Status); err != nil || a.Status.State == "" {
		return Answer{}, fmt.Errorf("what answers at %s is no sluice: expected a status, found %.60q", c.base.Redacted(), text)
	}
	return a, nil
}

// refusal reads a problem document (RFC 9457), or makes do without.
func (c *Client) refusal(response *http.Response, text []byte) error {
	e := &RefusedError{URL: c.base.Redacted(), Code: response.StatusCode, Title: http.StatusText(response.StatusCode)}
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	if strings.Contains(response.Header.Get("Content-Type"), "json") && json.Unmarshal(text, &problem) == nil {
		if problem.Title != "" {
			e.Title = problem.Title
		}
		e.Detail = problem.Detail
	}
	return e
}
