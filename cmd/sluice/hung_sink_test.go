//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sluice/control"
)

// mostResident is what the process may take: the default budget and 64 MiB.
const mostResident = 128 << 10 // KiB

// mixedRecords returns n lines of 20 bytes to 1 MiB, each size of its order as
// often as the next. One in ten is made of very short values, whose index is far
// longer than the text.
func mixedRecords(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for range n {
		size := 20 << r.IntN(16)
		if size += r.IntN(size); r.IntN(10) == 0 {
			fmt.Fprintf(&b, `{"a":[1%s]}`+"\n", strings.Repeat(",1", min(size, 1<<20-40)/2))
		} else {
			fmt.Fprintf(&b, `{"t":"%s"}`+"\n", strings.Repeat("x", min(size, 1<<20-40)))
		}
	}
	return b.String()
}

// TestASinkThatHangsBoundsTheMemoryAndCriticalRecordsStillComeIn measures the
// program as users have it, without the race detector's memory.
func TestASinkThatHangsBoundsTheMemoryAndCriticalRecordsStillComeIn(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "sluice")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inTemp(t, nil)
	_, hung := pipe(t) // nobody reads it
	s := serveBinary(t, binary, hung, "serve", "--sink", "stdout://")
	for seed, refused := uint64(1), 0; refused < 20; seed++ {
		switch answer := s.post("?lane=low&timeout=0&ack=accepted", mixedRecords(seed, 40)); answer.Code {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			refused++
		default:
			t.Fatalf("a post of low records answers %d %s", answer.Code, answer.Why)
		}
	}
	for i := range 20 {
		if answer := s.post("?lane=critical&timeout=0&ack=accepted", `{"n":`+strconv.Itoa(i)+"}\n"); answer.Code != http.StatusOK {
			t.Fatalf("critical record %d: %d %s", i, answer.Code, answer.Why)
		}
	}
	status := s.until(func(control.Status) bool { return true })
	if !status.Ledger.Closes() || status.Ledger.InFlight == 0 {
		t.Errorf("the ledger is %+v", status.Ledger)
	}
	if peak := peakResident(t, s.cmd.Process.Pid); peak > mostResident {
		t.Errorf("%d KiB were resident at the peak, want at most %d", peak, mostResident)
	} else {
		t.Logf("%d KiB were resident at the peak", peak)
	}
}

// peakResident returns the most memory that a process has had, in KiB.
func peakResident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kib, err := strconv.Atoi(strings.TrimSpace(strings.Split(rest, "kB")[0]))
	if err != nil {
		t.Fatalf("no VmHWM in\n%s", text)
	}
	return kib
}
