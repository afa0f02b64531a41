package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
	"sluice/stages/ingest"
)

// takeFollowed lets source.follow say what is read where the command line names
// no files and does not ask for stdin.
func (r *runner) takeFollowed() error {
	if len(r.files) > 0 || r.useStdin {
		return nil
	}
	names, err := followedByKey("run", r.loaded, r.follow)
	if len(names) == 0 || err != nil {
		return err
	}
	if r.dryRun {
		return &usageError{command: "run", message: "--dry-run shows the first records, and the files of source.follow have no end: name files to look at, or - for stdin"}
	}
	if hasInput(r.stdin) {
		r.warn("stdin is not read, because source.follow lists files to follow; sluice run - reads stdin instead")
	}
	r.files, r.follow, r.configured = names, true, true
	return nil
}

// takeFollowed lets source.follow say what is followed where the command line
// names no files. HTTP bodies and --stdin are taken in beside it.
func (s *server) takeFollowed() error {
	if len(s.files) > 0 {
		return nil
	}
	names, err := followedByKey("serve", s.loaded, s.follow)
	if len(names) == 0 || err != nil {
		return err
	}
	s.files, s.follow, s.configured = names, true, true
	return nil
}

// followedByKey returns what source.follow lists, and adds its mistakes to
// loaded. With asked, for --follow, an empty list is an error.
func followedByKey(command string, loaded *config.Loaded, asked bool) ([]string, error) {
	if len(loaded.Source.Follow) == 0 && asked {
		if err := loaded.Err(); err != nil {
			return nil, err // perhaps it is why there is no list
		}
		return nil, followsNothing(command)
	}
	checkFollowed(loaded)
	return loaded.Source.Follow, nil
}

// checkFollowed adds to loaded what of source.follow cannot be followed: by
// itself, or because the sink writes it.
func checkFollowed(loaded *config.Loaded) {
	sink := sinkFiles(loaded)
	for i, name := range loaded.Source.Follow {
		err := ingest.CheckFollow([]string{name})
		if err == nil {
			err = clashWith(followed([]string{name}, sink), sink)
		}
		if err != nil {
			message := strings.TrimPrefix(err.Error(), "follow ")
			loaded.Add("source", &pipeline.ConfigError{Key: fmt.Sprintf("follow[%d]", i), Message: message})
		}
	}
}

// clashWith finds an input that the sink writes.
func clashWith(inputs, sink []use) error {
	identities := make([]identity, len(sink))
	for i, w := range sink {
		identities[i] = w.identity()
	}
	for _, in := range inputs {
		file := in.identity()
		for i, w := range sink {
			if file.same(identities[i]) {
				return errors.New(clash(in, w))
			}
		}
	}
	return nil
}

// hasInput says whether somebody seems to have meant stdin to be read: it is a
// pipe, or a file that is not empty.
func hasInput(stdin any) bool {
	f, ok := stdin.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && (info.Mode()&fs.ModeNamedPipe != 0 || info.Mode().IsRegular() && info.Size() > 0)
}
