package persist

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/postgrestest"
)

// The server is stopped at once and started again while a source runs through
// the engine, with rows that are refused among the others.
func TestAServerThatIsStoppedInMidRunLosesNothing(t *testing.T) {
	server := postgrestest.Start(t)
	const n = 6000
	for _, key := range []bool{false, true} {
		url := server.Schema(fmt.Sprintf("s%v", key))
		server.Exec(url, "CREATE TABLE events (n bigint PRIMARY KEY CHECK (n % 500 <> 0), lane bigint)")
		o, err := Open(t.Context(), Config{Sink: url, Table: "events", Columns: Columns{{Name: "n", Type: "integer", Key: key}, {Name: "lane", Type: "integer"}}})
		if err != nil {
			t.Fatal(err)
		}
		batches := 0
		p, err := pipeline.New(pipeline.Config{
			Sink:   o.Sink(),
			Stages: []pipeline.StageConfig{{Name: "persist", Stage: o.Encoder(), Workers: 2, Retry: pipeline.RetryConfig{Backoff: time.Millisecond}}},
			OnBatch: func(*pipeline.Batch) {
				if batches++; batches == 2 || batches == 20 {
					server.Stop(postgrestest.Immediate)
					server.Start()
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(t.Context(), numbered{n, pipeline.Progress{Source: "numbered", Name: "numbered"}}); err != nil {
			t.Fatal(err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		if l := p.Status().Ledger; l.Persisted != n-n/500 || l.Dead != n/500 || !l.Closes() {
			t.Errorf("ledger: %+v", l.Counts)
		}
		if got := server.Query(url, "SELECT count(*), count(DISTINCT n) FROM events"); !slices.Equal(got, []string{fmt.Sprintf("%d %[1]d", n-n/500)}) {
			t.Errorf("rows: %v", got)
		}
		if got := server.Query(url, "SELECT count(*), count(DISTINCT position) FROM dead_letters WHERE code = 'constraint'"); !slices.Equal(got, []string{fmt.Sprintf("%d %[1]d", n/500)}) {
			t.Errorf("dead letters: %v", got)
		}
	}
}

func TestPlacesAtAServerHaveNoPassword(t *testing.T) {
	server := sharedServer(t)
	url := strings.Replace(server.Schema("places"), "sluice@", "sluice:s3cret@", 1)
	o, err := Open(t.Context(), Config{Sink: url, Table: "places.events", Columns: Columns{{Name: "n", Type: "integer"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	rows, dead := o.Rows(), o.DeadLetters()
	if strings.Contains(rows.Show+rows.File+dead.Show, "s3cret") || rows.File != "postgres at "+server.Dir() {
		t.Errorf("got %+v and %+v", rows, dead)
	}
	if !strings.HasPrefix(rows.Show, "psql 'postgres://sluice@/postgres?") || !strings.HasSuffix(rows.Show, ` -c 'select * from "places"."events" limit 10'`) || dead.Table != `"places"."dead_letters"` {
		t.Errorf("got %+v and %+v", rows, dead)
	}
}
