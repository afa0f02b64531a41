package ingest

import (
	"io"
	"io/fs"
	"os"
)

// entry is one of the files.
type entry struct {
	path   string
	info   fs.FileInfo
	known  int     // index into the register, -1 for a new file
	stream *Stream // for what is not a regular file
}

func (f *Files) newStreamEntry(path string) *entry {
	return &entry{path: path, known: -1, stream: newStream(&lateFile{path: path}, path, f.cfg, f.quota)}
}

// lateFile opens its file at the first read: opening a named pipe blocks until
// somebody writes to it. After its end it stays at its end: a pipe that is read
// on may have another writer by then.
type lateFile struct {
	path  string
	file  *os.File
	ended bool
}

func (l *lateFile) Read(p []byte) (int, error) {
	if l.ended {
		return 0, io.EOF
	}
	if l.file == nil {
		file, err := os.Open(l.path)
		if err != nil {
			return 0, rootCause(err)
		}
		l.file = file
	}
	n, err := l.file.Read(p)
	if err == io.EOF {
		l.ended = true
		l.file.Close()
	}
	return n, err
}
