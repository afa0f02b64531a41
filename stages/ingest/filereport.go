package ingest

// FileReport says what became of a file that was read.
type FileReport struct {
	Path  string
	Known string // the path under which an earlier run read it; "" for a new file
	Done  bool   // an earlier run had read it to its end: there was nothing new
	From  int64  // where reading began, in decompressed bytes
	To    int64  // where it ended
}

// Reports returns what became of the files read so far, in order; pipes and
// devices are left out. For any goroutine.
func (f *Files) Reports() []FileReport {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]FileReport(nil), f.reports...)
}

func (f *Files) report(e *entry, from, to int64, err error) {
	rep := FileReport{Path: e.path, From: from, To: to}
	if e.known >= 0 {
		rep.Known = f.register.files[e.known].progress.Name
		rep.Done = err == nil && from > 0 && rep.To == from
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports = append(f.reports, rep)
}
