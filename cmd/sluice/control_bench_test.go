package main

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCommand is one control command to a sluice that is busy with as much
// as it can take; it reports the median and the slowest hundredth.
func BenchmarkCommand(b *testing.B) {
	for _, sink := range []string{"null://", "sqlite://out.db"} {
		for name, commands := range map[string][]apiCall{
			"status":       {{"GET", "/v1/status", ""}},
			"pause-resume": {{"POST", "/v1/pause", ""}, {"POST", "/v1/resume", ""}},
			"pause-stage":  {{"POST", "/v1/stages/enrich/pause", ""}, {"POST", "/v1/stages/enrich/resume", ""}},
			"resize":       {{"PATCH", "/v1/stages/enrich", `{"workers":8}`}, {"PATCH", "/v1/stages/enrich", `{"workers":2}`}},
		} {
			b.Run(strings.Split(sink, ":")[0]+"/"+name, func(b *testing.B) {
				writeJob(b, strings.Replace(benchJobs[1].config, "null://", sink, 1))
				s := busy(b)
				var took []time.Duration
				for i := 0; b.Loop(); i++ {
					c := commands[i%len(commands)]
					begin := time.Now()
					s.command(c.method, c.path, c.body)
					took = append(took, time.Since(begin))
				}
				report(b, took)
				s.end(syscall.SIGTERM)
			})
		}
	}
}

type apiCall struct{ method, path, body string }

// BenchmarkStopAndStart is a stop that drains under full load, and a start.
func BenchmarkStopAndStart(b *testing.B) {
	writeJob(b, strings.Replace(benchJobs[1].config, "null://", "sqlite://out.db", 1))
	s := busy(b)
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		s.command("POST", "/v1/stop", "")
		took = append(took, time.Since(begin))
		s.command("POST", "/v1/start", "")
	}
	report(b, took)
	s.end(syscall.SIGTERM)
}

// busy starts a serve of the working directory's job that stdin keeps busy.
func busy(b *testing.B) *serving {
	b.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	s := serve(b, r, nil, "serve", "--stdin")
	r.Close()
	lines := eventLines()
	go func() {
		defer w.Close()
		out := bufio.NewWriterSize(w, 1<<16)
		for i := 0; ; i++ {
			if _, err := out.Write(lines[i%len(lines)]); err != nil {
				return
			}
		}
	}()
	return s
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// watchedRecords is how many records each run of BenchmarkWatched has.
const watchedRecords = 3_000_000

// BenchmarkWatched compares runs that nobody watches with runs whose metrics
// are exported each second, whose page is scraped each second and whose status
// is asked for ten times a second. The two take turns; an operation is one of
// each. It reports how much slower the watched ones are: the median over the
// pairs, because what else the machine does changes from one to the next.
func BenchmarkWatched(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer collector.Close()
	exported := []string{
		"OTEL_METRICS_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL, "OTEL_METRIC_EXPORT_INTERVAL=1000",
	}
	for _, job := range benchJobs {
		if job.name != "null with columns" && job.name != "ndjson" {
			continue
		}
		b.Run(job.name, func(b *testing.B) {
			writeJob(b, job.config)
			writeInput(b, "in.ndjson")
			var slower, costlier, alone []float64
			for i := 0; b.Loop(); i++ {
				var a, w measured
				if i%2 == 0 {
					a = runAlone(b)
				}
				w = runWatched(b, exported)
				if i%2 == 1 {
					a = runAlone(b)
				}
				slower = append(slower, 100*(a.perSecond/w.perSecond-1))
				costlier = append(costlier, 100*(w.processor/a.processor-1))
				alone = append(alone, a.perSecond)
			}
			slices.Sort(slower)
			slices.Sort(costlier)
			slices.Sort(alone)
			b.ReportMetric(alone[len(alone)/2], "alone-records/s")
			b.ReportMetric(slower[len(slower)/2], "%slower")
			b.ReportMetric(costlier[len(costlier)/2], "%more-cpu")
			b.ReportMetric(slower[len(slower)/4], "%slower-p25")
			b.ReportMetric(slower[len(slower)*3/4], "%slower-p75")
		})
	}
}

func writeInput(b *testing.B, name string) {
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	lines := eventLines()
	for i := range watchedRecords {
		if _, err := w.Write(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

// runArgs reads the file as stdin is read: once, and from its start.
var runArgs = []string{"run", "--from-start", "--report", "r.json", "in.ndjson"}

// measured is what one run came to. Its processor time hardly depends on what
// else the machine does, its speed does.
type measured struct {
	perSecond float64 // records
	processor float64 // seconds
}

func runAlone(b *testing.B) measured {
	path, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	p, err := os.StartProcess(path, append([]string{path}, runArgs...), &os.ProcAttr{Env: []string{beSluice + "=1", noControl}})
	if err != nil {
		b.Fatal(err)
	}
	state, err := p.Wait()
	if err != nil || !state.Success() {
		b.Fatal(state, err)
	}
	return measure(b, state)
}

func runWatched(b *testing.B, environ []string) measured {
	s := serve(b, nil, environ, runArgs...)
	var watchers sync.WaitGroup
	watch := func(path string, every time.Duration) {
		watchers.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				response, err := http.Get(s.url + path)
				if err != nil {
					return // the run is over
				}
				response.Body.Close()
				select {
				case <-tick.C:
				case <-s.told:
					return
				}
			}
		})
	}
	watch("/v1/status", 100*time.Millisecond)
	watch("/metrics", time.Second)
	if got := s.wait(); got != exitDone {
		b.Fatalf("exit %d\n%s", got, s.stderr())
	}
	watchers.Wait()
	return measure(b, s.cmd.ProcessState)
}

func measure(b *testing.B, state *os.ProcessState) measured {
	r := readReport(b, "r.json")
	if r.Accepted != watchedRecords {
		b.Fatal(fmt.Errorf("accepted %d", r.Accepted))
	}
	return measured{r.RecordsPerS, (state.UserTime() + state.SystemTime()).Seconds()}
}
