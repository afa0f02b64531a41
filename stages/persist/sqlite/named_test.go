package sqlite

import (
	"errors"
	"os"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

func TestFilesThatAreMovedAreNoticed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		suffix string
		other  bool // another file takes the place
		passes bool
		says   string
	}{
		{"the database", "", false, true, "put it back"},
		{"the database, and another is put there", "", true, false, "replaced"},
		{"the log", "-wal", false, false, "run again"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger}}, "", "")
			d := mustOpen(t, cfg)
			path := cfg.Path + tc.suffix
			err := os.Rename(path, path+".away")
			if tc.other {
				err = errors.Join(err, os.WriteFile(path, nil, 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
			g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`)}}
			_, err = d.Write(t.Context(), g)
			if err == nil || pipeline.IsTransient(err) != tc.passes || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("write: %v", err)
			}
			if !tc.passes {
				return
			}
			if err := os.Rename(path+".away", path); err != nil {
				t.Fatal(err)
			}
			if settled, err := d.Write(t.Context(), g); err != nil || !settled {
				t.Errorf("after it was put back: %v, %v", settled, err)
			}
		})
	}
}
