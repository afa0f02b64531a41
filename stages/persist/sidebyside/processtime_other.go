//go:build !unix

package sidebyside

import "time"

// processTime returns 0: it is not known here.
func processTime() time.Duration { return 0 }
