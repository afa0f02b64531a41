package main

import (
	"crypto/rand"
	"os"
	"strings"
)

// instance returns a name for this process that no other has: the machine's
// and something random, because process numbers come again.
func instance() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "sluice"
	}
	return name + "-" + strings.ToLower(rand.Text()[:8])
}
