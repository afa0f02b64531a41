package pipeline

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScanAgreesWithJSONTestSuite(t *testing.T) {
	dir := filepath.Join(suite(t, "json-parsing"), "test_parsing")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	count := map[byte]int{}
	for _, f := range files {
		src, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		_, fault := Scan(nil, src, 1000)
		switch verdict := f.Name()[0]; {
		case verdict == 'y' && fault != nil:
			t.Errorf("%s must be accepted: %v", f.Name(), fault)
		case verdict == 'n' && fault == nil:
			t.Errorf("%s must be rejected", f.Name())
		default:
			count[verdict]++
		}
	}
	if count['y'] != 95 || count['n'] != 188 {
		t.Errorf("%d accepted, %d rejected; expected 95 and 188", count['y'], count['n'])
	}
}
