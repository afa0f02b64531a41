package persist

import (
	"time"

	"sluice/stages/persist/ndjson"
)

// File is a file that a sink writes.
type File struct {
	Role string // what it is, as in "big is ...": the file of the rows
	Path string
}

// Files returns the files that Open and the sink may write, those beside the
// rows included; of the finished files of a sink that rotates one stands for all.
// There are none where the configuration names no sink.
func (c Config) Files() []File {
	t, err := parseTarget(c.Sink, c.Dir)
	if err != nil || t.scheme == schemeNull {
		return nil
	}
	var files []File
	switch t.scheme {
	case schemeSQLite:
		files = append(files, File{"the database of the rows", t.path})
		for _, suffix := range []string{"-wal", "-shm", "-journal"} {
			files = append(files, File{"a file that SQLite keeps beside the database of the rows", t.path + suffix})
		}
	case schemeNDJSON:
		side := t.path + ndjson.ProgressSuffix
		files = append(files, File{"the file of the rows", t.path}, File{"the progress of the rows", side}, File{"the progress of the rows as it is written", side + ".tmp"})
		if t.ndjson.Rotates() {
			files = append(files, File{"the file of the rows that is not finished", t.path + ndjson.PartialSuffix}, File{"the lock of the files of rows", t.path + ndjson.LockSuffix},
				File{"a finished file of rows", ndjson.FinishedName(t.path, t.ndjson.Compress, time.Unix(0, 0), 1)})
		}
	}
	switch {
	case c.DeadLetters != "":
		files = append(files, File{"the file of the dead letters", c.deadLettersPath(t)})
	case !t.tables():
		files = append(files, File{"the file of the dead letters unless dead_letters names another", c.deadLettersPath(t)})
	}
	return files
}
