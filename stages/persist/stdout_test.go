package persist

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"sluice/pipeline"
)

// What stands in the place of a closed stdout is the null device, opened for
// reading and writing.
func TestAClosedStdoutIsFoundAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		flag   int
		closed bool
	}{"closed": {os.O_RDWR, true}, "sent to the null device": {os.O_WRONLY, false}} {
		t.Run(name, func(t *testing.T) {
			f, err := os.OpenFile(os.DevNull, c.flag, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			cfg := Config{Sink: "stdout://", Dir: t.TempDir(), Stdout: f}
			_, err = Open(t.Context(), cfg)
			_, previewed := Preview(cfg, f)
			if errors.Is(err, errStdoutClosed) != c.closed || errors.Is(previewed, errStdoutClosed) != c.closed {
				t.Errorf("Open: %v\nPreview: %v", err, previewed)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestRowsAndPreviewsSayTheSameOfStdout(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
		not  string
	}{
		"its reader is gone": {syscall.EPIPE, "stdout was closed by its reader before the end of the input", "preview"},
		"the disk is full":   {syscall.ENOSPC, "make room; no progress is stored for stdout: it begins again", "last progress"},
		"a closed pipe":      {io.ErrClosedPipe, "stdout was closed by its reader", "preview"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Sink: "stdout://", Dir: t.TempDir(), Stdout: failing{c.err}}
			rows, err := Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			preview, err := Preview(cfg, failing{c.err})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range []*Output{rows, preview} {
				b := pipeline.NewBatch(0, `{"n":1}`)
				if o.Encoder() != nil {
					if err := o.Encoder().Process(t.Context(), b); err != nil {
						t.Fatal(err)
					}
				}
				_, err := o.Sink().Write(t.Context(), group(b))
				if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.not) {
					t.Errorf("got %v; expected %q", err, c.want)
				}
			}
		})
	}
}
