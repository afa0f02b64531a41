//go:build unix

package bench

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// peakMemory returns the most memory that the process has had resident, in
// bytes; 0 where the system does not say.
func peakMemory() int64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) // bytes there, kibibytes elsewhere
	}
	return int64(usage.Maxrss) * 1024
}
