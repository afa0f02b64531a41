package config_test

import (
	"fmt"
	"os"
	"path/filepath"

	"sluice/cmd/sluice/internal/config"
)

// A file says some things, the environment beats it, and the rest are defaults.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "sluice.yaml")
	if err := os.WriteFile(file, []byte("budget: 128MiB\ndrain_timeout: 10s\n"), 0o600); err != nil {
		panic(err)
	}
	loaded := config.Load(config.Input{
		File:    file,
		Environ: map[string]string{"SLUICE_DRAIN_TIMEOUT": "1m"},
	})
	fmt.Println(loaded.Budget, loaded.DrainTimeout, loaded.Persistence.Sink, loaded.Err())
	// Output: 128MiB 1m0s sqlite://sluice.db <nil>
}

func ExampleNearest() {
	fmt.Println(config.Nearest("wrokers", []string{"schema", "workers"}))
	// Output: workers
}
