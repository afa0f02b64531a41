package sqlitetest

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

func opened(file uintptr) *openFile {
	layer.mu.Lock()
	defer layer.mu.Unlock()
	return layer.files[file]
}

func writeFile(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 {
	o := opened(file)
	if rc := o.folder.check("write", o.kind); rc != lib.SQLITE_OK {
		return rc
	}
	rc := function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](o.base.FxWrite)(tls, file, data, n, offset)
	if rc == lib.SQLITE_OK && o.folder.Power != nil {
		o.folder.Power.Write(o.number, offset, unsafe.Slice(at[byte](data), n))
	}
	return rc
}

func truncateFile(tls *libc.TLS, file uintptr, size int64) int32 {
	o := opened(file)
	rc := function[func(*libc.TLS, uintptr, int64) int32](o.base.FxTruncate)(tls, file, size)
	if rc == lib.SQLITE_OK && o.folder.Power != nil {
		o.folder.Power.Truncate(o.number, size)
	}
	return rc
}

// syncFile syncs nothing: only the record tells what was synced, and the test is
// done sooner.
func syncFile(tls *libc.TLS, file uintptr, flags int32) int32 {
	o := opened(file)
	if rc := o.folder.check("sync", o.kind); rc != lib.SQLITE_OK {
		return rc
	}
	if o.folder.Power != nil {
		o.folder.Power.Sync(o.number)
		if o.dir != "" {
			o.folder.Power.SyncDir(o.dir)
			o.dir = ""
		}
		return lib.SQLITE_OK
	}
	return function[func(*libc.TLS, uintptr, int32) int32](o.base.FxSync)(tls, file, flags)
}

func closeFile(tls *libc.TLS, file uintptr) int32 {
	o := opened(file)
	layer.mu.Lock()
	delete(layer.files, file)
	layer.mu.Unlock()
	return function[func(*libc.TLS, uintptr) int32](o.base.FxClose)(tls, file)
}
