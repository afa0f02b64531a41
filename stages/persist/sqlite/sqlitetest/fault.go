package sqlitetest

import lib "modernc.org/sqlite/lib"

// Codes that an operation can fail with.
const (
	Full        = int32(lib.SQLITE_FULL)
	WriteFailed = int32(lib.SQLITE_IOERR_WRITE)
	SyncFailed  = int32(lib.SQLITE_IOERR_FSYNC)
)

type fault struct {
	in    int // calls until it strikes
	lasts bool
	code  int32
}

// Fail has the n-th call of an operation on a kind of file from now on, and no
// other, fail with a code of SQLite. Operations are open, write and sync; kinds are
// db, wal and journal.
func (f *Folder) Fail(operation, kind string, n int, code int32) {
	f.plan(operation, kind, fault{in: n, code: code})
}

// Break has an operation fail until Mend.
func (f *Folder) Break(operation, kind string, code int32) {
	f.plan(operation, kind, fault{in: 1, lasts: true, code: code})
}

// Mend takes all faults back.
func (f *Folder) Mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.faults)
}

func (f *Folder) plan(operation, kind string, p fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faults == nil {
		f.faults = map[string]fault{}
	}
	f.faults[operation+" "+kind] = p
}

// check returns the code that an operation fails with now.
func (f *Folder) check(operation, kind string) int32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := operation + " " + kind
	p, ok := f.faults[key]
	if !ok {
		return lib.SQLITE_OK
	}
	if p.in--; p.in > 0 {
		f.faults[key] = p
		return lib.SQLITE_OK
	}
	if p.in = 1; !p.lasts {
		delete(f.faults, key)
	}
	return p.code
}
