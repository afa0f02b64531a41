package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sluice/cmd/sluice/internal/config"
	"sluice/stages/ingest"
	"sluice/stages/persist"
)

// use is what a file is to a command.
type use struct {
	role   string // as in "big is ...": the input
	path   string
	writes bool
	keyed  bool     // source.follow has it: a clash with the sink is told there
	sink   bool     // it is one of the sink's
	file   *os.File // stdin or stdout, which have no path; nil otherwise
}

// outputs are what a command writes beside the sink.
type outputs struct {
	report string // "" for none, "-" for stdout
	dryRun bool   // rows go to stdout, and the sink is left alone
}

// checkUses finds a file that would be written and is something else as well,
// through links, too. It comes before anything is opened: whatever else is wrong
// is told later.
func (p *process) checkUses(command string, loaded *config.Loaded, inputs []use, out outputs) error {
	uses := append(inputs, settled(loaded)...)
	uses = append(uses, p.written(loaded, out)...)
	identities := make([]identity, len(uses))
	for i, u := range uses {
		identities[i] = u.identity()
		for j := range i {
			if u.sink && uses[j].keyed {
				continue
			}
			if (u.writes || uses[j].writes) && identities[i].same(identities[j]) {
				return &usageError{command: command, message: clash(uses[j], u)}
			}
		}
	}
	return nil
}

func clash(a, b use) string {
	if a.path == b.path || b.file != nil {
		return fmt.Sprintf("%s is both %s and %s; give one of them another file", a.path, a.role, b.role)
	}
	if a.file != nil {
		return fmt.Sprintf("%s is both %s and %s; give one of them another file", b.path, b.role, a.role)
	}
	return fmt.Sprintf("%s and %s are the same file: %s and %s; give one of them another file", a.path, b.path, a.role, b.role)
}

// inputFiles are the files that a command takes records from.
func inputFiles(names []string) []use {
	var uses []use
	for _, name := range names {
		uses = append(uses, use{role: "an input", path: name})
	}
	return uses
}

// followed are the files that a command follows: those that are there, and
// those that a pattern would take in when they are written.
func followed(names []string, writes []use) []use {
	var uses []use
	for _, name := range names {
		uses = append(uses, use{role: "an input", path: name})
		if !ingest.IsPattern(name) {
			continue
		}
		paths, _ := filepath.Glob(name) // a bad pattern is told when it is opened
		uses = append(uses, inputFiles(paths)...)
		for _, w := range writes {
			if w.file == nil && matches(name, w.path) {
				uses = append(uses, use{role: "an input, by the pattern " + name, path: w.path})
			}
		}
	}
	return uses
}

// followedOrKeyed is followed for files that source.follow may have.
func followedOrKeyed(names []string, keyed bool, writes []use) []use {
	uses := followed(names, writes)
	for i := range uses {
		uses[i].keyed = keyed
	}
	return uses
}

// matches says whether a pattern stands for a path, wherever they start.
func matches(pattern, path string) bool {
	pattern, errPattern := filepath.Abs(pattern)
	path, errPath := filepath.Abs(path)
	ok, err := filepath.Match(pattern, path)
	return errPattern == nil && errPath == nil && err == nil && ok
}

// inputStdin is stdin, of which only a file can be written by the command.
func (p *process) inputStdin() []use {
	if f, ok := p.stdin.(*os.File); ok {
		return []use{{role: "the input on stdin", path: "stdin", file: f}}
	}
	return nil
}

// inputs are what sluice run takes records from.
func (r *runner) inputs() []use {
	if len(r.files) == 0 {
		return r.inputStdin()
	}
	if r.follow {
		return followedOrKeyed(r.files, r.configured, r.written(r.loaded, outputs{report: r.report}))
	}
	return inputFiles(r.files)
}

// inputFilesAndStdin are what sluice serve takes records from, besides HTTP.
func (s *server) inputFilesAndStdin() []use {
	uses := inputFiles(s.files)
	if s.follow {
		uses = followedOrKeyed(s.files, s.configured, s.written(s.loaded, outputs{}))
	}
	if s.useStdin {
		uses = append(uses, s.inputStdin()...)
	}
	return uses
}

// settled are the files that a configuration reads, and its own.
func settled(loaded *config.Loaded) []use {
	uses := []use{
		{role: "the configuration", path: loaded.File},
		{role: "the file of the token", path: loaded.Control.TokenFile},
	}
	for _, path := range loaded.Validation.Files() {
		uses = append(uses, use{role: "the schema", path: path})
	}
	for _, step := range loaded.Enrichment.Steps {
		if step.Lookup != nil && step.Lookup.Table != "" {
			path := step.Lookup.Table
			if !filepath.IsAbs(path) {
				path = filepath.Join(loaded.Dir, path)
			}
			uses = append(uses, use{role: "a lookup table", path: path})
		}
	}
	return uses
}

// written are the files that a command writes.
func (p *process) written(loaded *config.Loaded, out outputs) []use {
	var uses []use
	rows := out.dryRun || strings.HasPrefix(strings.ToLower(loaded.Persistence.Sink), "stdout:")
	if f, ok := p.stdout.(*os.File); ok && (rows || out.report == "-") {
		uses = append(uses, use{role: "the output on stdout", path: "stdout", writes: true, file: f})
	}
	if out.report != "" && out.report != "-" {
		uses = append(uses, use{role: "the report", path: out.report, writes: true})
	}
	if out.dryRun {
		return uses
	}
	return append(uses, sinkFiles(loaded)...)
}

// sinkFiles are those that the sink of a configuration writes.
func sinkFiles(loaded *config.Loaded) []use {
	var uses []use
	sink := persist.Config{Sink: loaded.Persistence.Sink, DeadLetters: loaded.DeadLetters}
	for _, f := range sink.Files() {
		uses = append(uses, use{role: f.Role, path: f.Path, writes: true, sink: true})
	}
	return uses
}

// identity is which file a use is of.
type identity struct {
	info os.FileInfo // nil where there is no file yet
	path string      // where it would be, links resolved; "" for none
}

// identity finds the file. What is not a regular file can be used by many.
func (u use) identity() identity {
	info, err := u.stat()
	switch {
	case err == nil && info.Mode().IsRegular():
		return identity{info: info}
	case err == nil, u.file != nil, u.path == "":
		return identity{}
	}
	return identity{path: resolve(u.path, 0)}
}

func (u use) stat() (os.FileInfo, error) {
	if u.file != nil {
		return u.file.Stat()
	}
	return os.Stat(u.path)
}

func (i identity) same(other identity) bool {
	if i.info != nil && other.info != nil {
		return os.SameFile(i.info, other.info)
	}
	return i.path != "" && i.path == other.path
}

// maxLinks is how many links that lead to nothing resolve follows.
const maxLinks = 40

// resolve returns where a file that is absent would be made.
func resolve(path string, links int) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	dir := filepath.Dir(path)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	path = filepath.Join(dir, filepath.Base(path))
	target, err := os.Readlink(path)
	if err != nil || links == maxLinks {
		return path
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(dir, target)
	}
	return resolve(target, links+1)
}
