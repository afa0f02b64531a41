//go:build !unix

package disk

// Lock implements File. Without flock(2) nothing keeps a second process away.
func (f osFile) Lock(bool) error { return nil }
