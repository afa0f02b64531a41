package disk

import "golang.org/x/sys/unix"

// WriteBack implements File with sync_file_range(2).
func (f osFile) WriteBack(offset, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), offset, n, unix.SYNC_FILE_RANGE_WRITE) // a hint; Sync reports what fails
}
