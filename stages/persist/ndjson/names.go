package ndjson

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// What files beside the rows have behind the name in the URL.
const (
	ProgressSuffix = ".progress.json" // the progress
	PartialSuffix  = ".partial"       // with rotation, the file that rows go to
	LockSuffix     = ".lock"          // with rotation, held while sluice runs
)

// nameTime is how a finished file's name has the time of its first row, in UTC:
// names sort by time.
const nameTime = "20060102T150405Z"

// FinishedName returns what a file that was begun at a time is called when it is
// finished: events.ndjson becomes events-20260102T030405Z-000001.ndjson, with
// .gz or .zst behind it where it is compressed.
func FinishedName(path string, c Compression, begun time.Time, sequence int64) string {
	base := strings.TrimSuffix(path, compressionOf(path).ending())
	ext := filepath.Ext(base)
	if ext == filepath.Base(base) { // .ndjson is all there is of it
		ext = ""
	}
	return fmt.Sprintf("%s-%s-%06d%s%s", strings.TrimSuffix(base, ext), begun.UTC().Format(nameTime), sequence, ext, c.ending())
}

// FinishedPattern matches, as a shell does, the names of all finished files.
func FinishedPattern(path string, c Compression) string {
	name := FinishedName(path, c, time.Time{}, 1)
	return strings.Replace(name, "-00010101T000000Z-000001", "-*", 1)
}
