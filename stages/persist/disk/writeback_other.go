//go:build !linux

package disk

// WriteBack implements File. There is no such hint here.
func (f osFile) WriteBack(int64, int64) {}
