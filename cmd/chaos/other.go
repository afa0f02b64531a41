//go:build !unix

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "chaos: it needs a system with SIGKILL and unix sockets, such as Linux or macOS")
	os.Exit(1)
}
