package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"sluice/control/api"
	"sluice/pipeline"
)

// DefaultListen is where the control API listens unless the configuration says
// otherwise.
const DefaultListen = api.DefaultListen

// ListenOff, as an address, is for no control API.
const ListenOff = "off"

// TokenVariable is the environment variable that holds the control API's token.
// It is no Setting: a secret has neither a flag nor a key of its own.
const TokenVariable = Prefix + "TOKEN"

// Control is the control API.
type Control struct {
	Listen    string   `yaml:"listen"`     // host:port, ListenOff, or "" for DefaultListen
	Hosts     []string `yaml:"hosts"`      // names beside the address that requests may use
	TokenFile string   `yaml:"token_file"` // path of a file that holds the token
	Ready     Ready    `yaml:"ready"`
}

// Ready is when a run counts as degraded; zero sets no limit.
type Ready struct {
	MaxDepth int      `yaml:"max_depth"` // records that wait in one lane of one channel
	MaxAge   Duration `yaml:"max_age"`   // of the oldest record that waits
}

// Address returns where to listen, "" for nowhere. chosen says that somebody
// asked for this address.
func (c Control) Address() (address string, chosen bool) {
	switch c.Listen {
	case ListenOff:
		return "", true
	case "":
		return DefaultListen, false
	}
	return c.Listen, true
}

// control checks the address; the rest is the API's to check.
func (v *validator) control(c Control) {
	if address, _ := c.Address(); address != "" {
		if err := checkAddress(address); err != nil {
			v.bad("control.listen", "%v", err)
		}
	}
}

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q; expected host:port such as %s, or %s", address, DefaultListen, ListenOff)
	}
	return nil
}

// readToken finds the token: the variable's, else the file's, else none.
func (l *Loaded) readToken(environ map[string]string) {
	if token := environ[TokenVariable]; token != "" {
		if err := checkToken(token); err != nil {
			l.problems.add(Problem{Origin: TokenVariable, Message: err.Error()})
		}
		l.Token = token
		return
	}
	if l.Control.TokenFile == "" {
		return
	}
	token, err := ReadToken(l.Control.TokenFile)
	if err != nil {
		l.Add("control", &pipeline.ConfigError{Key: "token_file", Message: err.Error()})
	}
	l.Token = token
}

// ReadToken reads a token from a file, without the white space around it.
func ReadToken(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", path, reason(err))
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("%s is empty; expected a token in it", path)
	}
	if err := checkToken(token); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return token, nil
}

// checkToken does not show what it looks at.
func checkToken(token string) error {
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return errors.New("the token has a character that no HTTP header carries; expected printable ASCII without spaces")
		}
	}
	return nil
}
