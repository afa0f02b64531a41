package config_test

import (
	"strings"
	"testing"

	"sluice/cmd/sluice/internal/config"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]config.Size{
		"1048576": 1 << 20, "1MiB": 1 << 20, "64 MiB": 64 << 20, "1MB": 1e6, "1.5KiB": 1536, "1GiB": 1 << 30,
	} {
		var s config.Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s is %d (%v), want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "-1", "MiB", "1 parsec", "99999999999GiB"} {
		var s config.Size
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "expected a size such as") {
			t.Errorf("%q is %d (%v), want an error", text, s, err)
		}
	}
	for size, want := range map[config.Size]string{0: "0", 1000: "1000", 1 << 20: "1MiB", 3 << 30: "3GiB", 1536: "1536"} {
		if size.String() != want {
			t.Errorf("%d prints %s, want %s", size, size, want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"workers", "schedule", "lanes", "sink", "max_record_bytes"}
	for word, want := range map[string]string{
		"worker": "workers", "wokrers": "workers", "Sink": "sink", "max_record_size": "max_record_bytes",
		"banana": "", "x": "", "": "",
	} {
		if got := config.Nearest(word, known); got != want {
			t.Errorf("%q is near %q, want %q", word, got, want)
		}
	}
}
