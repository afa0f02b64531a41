package main

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"sluice/stages/ingest"
)

// maxFollowedShown is how many files of an entry of source.follow are named.
const maxFollowedShown = 3

// followedNow says what an entry of source.follow stands for now. It looks at
// names alone: how far each was read is known by content, which would have to be
// read, too.
func followedNow(name string) string {
	paths, err := ingest.FilesNow(name)
	switch {
	case err != nil:
		return fmt.Sprintf("%s: %v", name, err) // it has changed since it was checked
	case len(paths) == 0 && ingest.IsPattern(name):
		return name + ": no files yet; they are waited for"
	case len(paths) == 0:
		return name + ": not there yet; it is waited for"
	case len(paths) == 1 && paths[0] == name:
		return name + ": 1 file"
	}
	text := fmt.Sprintf("%s: %s files", name, humanize.Comma(int64(len(paths))))
	if len(paths) == 1 {
		text = name + ": 1 file"
	}
	text += ": " + strings.Join(paths[:min(len(paths), maxFollowedShown)], ", ")
	if more := len(paths) - maxFollowedShown; more > 0 {
		text += fmt.Sprintf(" and %s more", humanize.Comma(int64(more)))
	}
	return text
}
