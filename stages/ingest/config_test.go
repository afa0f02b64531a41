package ingest

import (
	"errors"
	"strings"
	"testing"

	"sluice/pipeline"
)

func TestConfigValidate(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("the zero Config: %v", err)
	}
	err := Config{MaxRecordBytes: -1, Limit: -2}.Validate()
	if err == nil || !strings.Contains(err.Error(), "max_record_bytes: -1") || !strings.Contains(err.Error(), "limit: -2") {
		t.Errorf("error %v, want both mistakes", err)
	}
	if _, ok := errors.AsType[*pipeline.ConfigError](err); !ok {
		t.Errorf("error %v is no ConfigError", err)
	}
	if _, err := OpenFiles(nil, nil, false, Config{Limit: -1}); err == nil {
		t.Error("OpenFiles takes a wrong Config")
	}
}
