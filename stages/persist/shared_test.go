package persist

import (
	"fmt"
	"os"
	"testing"

	"sluice/stages/persist/postgrestest"
)

// shared is the server of all tests of the package; each takes a schema of
// its own.
var shared postgrestest.Shared

func sharedServer(tb testing.TB) *postgrestest.Server { return shared.Server(tb) }

func TestMain(m *testing.M) {
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
