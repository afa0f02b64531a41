//go:build unix

package postgrestest_test

import (
	"testing"

	"sluice/stages/persist/postgrestest"
)

func TestAServerComesBackWithWhatItHad(t *testing.T) {
	s := postgrestest.Start(t)
	db := s.Database("x")
	s.Exec(db, "CREATE TABLE t (n int)", "INSERT INTO t VALUES (1), (NULL)")
	s.Stop(postgrestest.Immediate)
	s.Start()
	if rows := s.Query(db, "SELECT n FROM t"); len(rows) != 2 || rows[0] != "1" || rows[1] != "NULL" {
		t.Errorf("got %q", rows)
	}
}
