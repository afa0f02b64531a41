package pipeline

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func TestScanAgreesWithEncodingJSONOnRealRecords(t *testing.T) {
	root := os.Getenv("SLUICE_CORPUS")
	if root == "" {
		t.Skip("SLUICE_CORPUS is not set: name a folder with it that has folders with .ndjson.gz files")
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*.ndjson.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.ndjson.gz below %s (%v)", root, err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := bufio.NewScanner(z)
		s.Buffer(nil, 64<<20)
		for n := 0; s.Scan(); n++ {
			nodes, fault := Scan(nil, s.Bytes(), DefaultMaxDepth)
			if (fault == nil) != json.Valid(s.Bytes()) {
				t.Fatalf("%s, line %d: %v", name, n+1, fault)
			}
			if fault == nil && n%10 == 0 {
				checkIndex(t, s.Bytes(), nodes)
			}
		}
		if s.Err() != nil {
			t.Fatalf("%s: %v", name, s.Err())
		}
	}
}
