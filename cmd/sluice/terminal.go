package main

import (
	"os"

	"golang.org/x/term"

	"sluice/cmd/sluice/internal/summary"
)

// isTerminal says whether a stream of the process is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// startLive starts the live line where stderr is a terminal on which nothing
// else is being written.
func (r *runner) startLive(j *job) interface{ Stop() } {
	if !isTerminal(r.stderr) || j.printsRows && isTerminal(r.stdout) {
		return noLine{}
	}
	fd := int(r.stderr.(*os.File).Fd())
	width := func() int {
		w, _, err := term.GetSize(fd)
		if err != nil {
			return 80
		}
		return w
	}
	l := summary.NewLive(r.console, width, func() summary.Picture {
		read, size := j.source.Progress()
		return summary.Picture{Status: j.pipeline.Status(), Read: read, Size: size}
	})
	l.Start()
	return l
}

type noLine struct{}

func (noLine) Stop() {}
