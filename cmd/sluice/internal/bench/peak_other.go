//go:build !unix

package bench

// peakMemory returns 0: the system does not say.
func peakMemory() int64 { return 0 }
