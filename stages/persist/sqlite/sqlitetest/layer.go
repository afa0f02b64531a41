package sqlitetest

import (
	"path/filepath"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"sluice/stages/persist/disk/disktest"
)

// The layer is a VFS of SQLite (sqlite.org/vfs.html): the system's own, but for
// opening, which puts other methods in front of the file's. The process has one,
// and it is the default one, so the databases under test know nothing of it.
var layer struct {
	once sync.Once
	base uintptr // the system's VFS

	mu      sync.Mutex // guards what follows
	folders map[string]*Folder
	files   map[uintptr]*openFile // by SQLite's pointer
	methods map[uintptr]uintptr   // ours by the system's
}

// Folder is a folder whose files are watched.
type Folder struct {
	Power *disktest.Power // nil to record nothing

	mu     sync.Mutex // guards what follows
	faults map[string]fault
}

// openFile is a file that SQLite has open in a watched folder.
type openFile struct {
	folder *Folder
	kind   string // db, wal or journal
	number int
	base   *lib.Tsqlite3_io_methods
	dir    string // synced after the first sync, as SQLite does for files it may have made; "" for not
}

// Watch has the layer watch the files of databases in a folder that are opened
// from now on.
func Watch(dir string, f *Folder) {
	layer.once.Do(install)
	layer.mu.Lock()
	defer layer.mu.Unlock()
	layer.folders[dir] = f
}

// Forget ends Watch, once the databases are closed.
func Forget(dir string) {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	delete(layer.folders, dir)
}

func install() {
	layer.folders, layer.files, layer.methods = map[string]*Folder{}, map[uintptr]*openFile{}, map[uintptr]uintptr{}
	tls := libc.NewTLS()
	lib.Xsqlite3_initialize(tls)
	layer.base = lib.Xsqlite3_vfs_find(tls, 0)
	ours := keep(tls, *at[lib.Tsqlite3_vfs](layer.base))
	v := at[lib.Tsqlite3_vfs](ours)
	name, err := libc.CString("sluice-test")
	if err != nil {
		panic(err)
	}
	v.FzName = name
	v.FxOpen = pointer(openAny)
	v.FxDelete = pointer(deleteAny)
	if rc := lib.Xsqlite3_vfs_register(tls, ours, 1); rc != lib.SQLITE_OK {
		panic("SQLite does not take the layer")
	}
}

// at is the value that SQLite has at p.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// keep puts a value where SQLite can point to, for good.
func keep[T any](tls *libc.TLS, v T) uintptr {
	p := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(v)))
	*at[T](p) = v
	return p
}

// pointer is a Go function as SQLite has them.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// function is the reverse of pointer.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

// watched returns the folder that a file lies in, and what the file is.
func watched(name uintptr, flags int32) (f *Folder, path, kind string) {
	if name == 0 {
		return nil, "", ""
	}
	path = libc.GoString(name)
	switch {
	case flags&lib.SQLITE_OPEN_MAIN_DB != 0:
		kind = "db"
	case flags&lib.SQLITE_OPEN_WAL != 0:
		kind = "wal"
	case flags&lib.SQLITE_OPEN_MAIN_JOURNAL != 0:
		kind = "journal"
	}
	layer.mu.Lock()
	defer layer.mu.Unlock()
	return layer.folders[filepath.Dir(path)], path, kind
}

func openAny(tls *libc.TLS, _, name, file uintptr, flags int32, out uintptr) int32 {
	f, path, kind := watched(name, flags)
	if f != nil && kind != "" {
		if rc := f.check("open", kind); rc != lib.SQLITE_OK {
			at[lib.Tsqlite3_file](file).FpMethods = 0
			return rc
		}
	}
	rc := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](at[lib.Tsqlite3_vfs](layer.base).FxOpen)(tls, layer.base, name, file, flags, out)
	if rc != lib.SQLITE_OK || f == nil || kind == "" {
		return rc
	}
	o := &openFile{folder: f, kind: kind}
	if f.Power != nil {
		o.number = f.Power.Open(path)
	}
	if kind != "db" && flags&lib.SQLITE_OPEN_CREATE != 0 {
		o.dir = filepath.Dir(path)
	}
	methods := &at[lib.Tsqlite3_file](file).FpMethods
	o.base = at[lib.Tsqlite3_io_methods](*methods)
	layer.mu.Lock()
	defer layer.mu.Unlock()
	ours, ok := layer.methods[*methods]
	if !ok {
		m := *o.base
		m.FxWrite, m.FxTruncate, m.FxSync, m.FxClose = pointer(writeFile), pointer(truncateFile), pointer(syncFile), pointer(closeFile)
		ours = keep(tls, m)
		layer.methods[*methods] = ours
	}
	*methods = ours
	layer.files[file] = o
	return rc
}

func deleteAny(tls *libc.TLS, _, name uintptr, syncDir int32) int32 {
	f, path, _ := watched(name, 0)
	rc := function[func(*libc.TLS, uintptr, uintptr, int32) int32](at[lib.Tsqlite3_vfs](layer.base).FxDelete)(tls, layer.base, name, syncDir)
	if rc == lib.SQLITE_OK && f != nil && f.Power != nil {
		f.Power.Remove(path)
		if syncDir != 0 {
			f.Power.SyncDir(filepath.Dir(path))
		}
	}
	return rc
}
