package infer

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus returns the lines of each file of the folder SLUICE_CORPUS names.
func corpus(t testing.TB) map[string][]string {
	t.Helper()
	dir := os.Getenv("SLUICE_CORPUS")
	if dir == "" {
		t.Skip("set SLUICE_CORPUS to a folder with kibana/, zeek/, k8s-audit/ and github-webhooks/, of *.ndjson.gz, to run this")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.ndjson.gz"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no *.ndjson.gz in the folders of %s (%v)", dir, err)
	}
	files := map[string][]string{}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		files[filepath.Base(path)] = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	return files
}

func TestWhatIsInferredAcceptsRealRecords(t *testing.T) {
	for name, lines := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			for _, o := range []Options{{}, {Ranges: true}} {
				in := New()
				start := time.Now()
				n, err := in.Read(bytes.NewReader([]byte(strings.Join(lines, "\n"))), 0, func(s Skipped) { t.Errorf("line %d: %v", s.Line, s.Err) })
				took := time.Since(start)
				if err != nil || n != int64(len(lines)) {
					t.Fatalf("%d of %d lines: %v", n, len(lines), err)
				}
				schema := in.Schema(o)
				if n, why := refused(t, checker(t, schema), lines); n > 0 {
					t.Errorf("ranges %v: %d of %d refused, such as %v", o.Ranges, n, len(lines), why)
				}
				t.Logf("%d records, %.0f a second; schema of %d bytes", n, float64(n)/took.Seconds(), len(schema))
			}
		})
	}
}
