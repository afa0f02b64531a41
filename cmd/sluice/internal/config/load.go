package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"sluice/pipeline"
)

// DefaultFile is read from the working directory when no file is named.
const DefaultFile = "sluice.yaml"

// Input is what a configuration is made of, besides the defaults.
type Input struct {
	File    string            // "" for DefaultFile, which may be absent
	Environ map[string]string // environment variables
	Flags   Settings          // what flags gave
}

// Loaded is a configuration with what is known to be wrong with it. Its user
// adds what turns out later, and asks Err once.
type Loaded struct {
	Config
	File     string   // the file read, "" for none
	Dir      string   // what relative paths inside the file's steps start from
	Warnings []string // for a person; nothing is wrong enough to stop
	Token    string   // of the control API, "" for none; a secret

	doc      *document
	origins  map[string]string // key -> variable or flag that set it
	problems Problems
}

// Load reads a configuration: defaults, then the file, then the environment,
// then flags.
func Load(in Input) *Loaded {
	l := &Loaded{Config: Default(), Dir: ".", origins: map[string]string{}}
	sink := l.Persistence.Sink
	l.Persistence.Sink = "" // a default path is not relative to the file
	l.readFile(in.File)
	l.relativeTo(l.Dir)
	if l.Persistence.Sink == "" {
		l.Persistence.Sink = sink
	}

	settings, warnings, problems := fromEnvironment(in.Environ)
	l.Warnings = append(l.Warnings, warnings...)
	l.apply(&settings, variable, l.origins)
	l.apply(&in.Flags, flagName, l.origins)
	for _, p := range problems {
		l.problems.add(p)
	}
	l.Add("", l.Validate())
	l.readToken(in.Environ)
	return l
}

// readFile lays the file over the defaults.
func (l *Loaded) readFile(name string) {
	explicit := name != ""
	if !explicit {
		name = DefaultFile
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !explicit {
		return
	}
	if err != nil {
		l.problems.add(Problem{Origin: name, Message: fmt.Sprintf("cannot read the configuration: %v", reason(err))})
		return
	}
	l.File, l.Dir = name, filepath.Dir(name)
	doc, problems := parse(name, text)
	l.doc, l.problems = doc, problems
	if doc.root == nil {
		return
	}
	d := decoder{doc: doc, problems: problems}
	d.value(doc.root, reflect.ValueOf(&l.Config).Elem(), "")
	l.problems = d.problems
}

// reason returns what the system said, without the path that the message names
// anyway.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// Add takes in an error about a section: each *pipeline.ConfigError in it gets
// its place in the file, or the name of the flag or variable it came from. Any
// other error is put at the section itself.
func (l *Loaded) Add(section string, err error) {
	if err == nil {
		return
	}
	var found []*pipeline.ConfigError
	if !collect(err, &found) {
		found = []*pipeline.ConfigError{{Message: err.Error()}}
	}
	for _, e := range found {
		key := join(section, e.Key)
		if section == StagePersist && e.Key == "dead_letters" {
			key = e.Key // beside the section in the file
		}
		l.problems.add(l.place(key, e.Message))
	}
}

// place returns a problem at the origin of a key's value.
func (l *Loaded) place(key, message string) Problem {
	list, _, _ := strings.Cut(key, "[") // of an element: variables and flags set whole lists
	if origin, ok := l.origins[list]; ok {
		return Problem{Origin: origin, Key: key, Message: message}
	}
	if l.doc != nil {
		return l.doc.locate(key, message)
	}
	return Problem{Origin: "default", Key: key, Message: message}
}

// Err returns all problems as Problems, in the order of the file, or nil.
func (l *Loaded) Err() error {
	if len(l.problems) == 0 {
		return nil
	}
	l.problems.sort()
	return l.problems
}

// splitKey returns the parts of a dotted key that has no quoted parts.
func splitKey(key string) []string { return strings.Split(key, ".") }
