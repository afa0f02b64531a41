package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sluice/pipeline"
)

// manyFiles are enough for what is not linear to show.
const manyFiles = 10_000

// followMany follows so many files of one line, and reads them.
func followMany(b *testing.B) *Follow {
	dir := b.TempDir()
	for i := range manyFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.log", i)), fmt.Appendf(nil, "%0*d\n", i%3000, i), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	l, err := OpenFollow([]string{filepath.Join(dir, "*.log")}, nil, false, Config{})
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func readAll(b *testing.B, l *Follow) {
	var p *pass
	start := func(next *pass) { p = next; l.passes++ }
	open := l.intakeFor(func(start pipeline.Progress) (intake, error) { return &recorder{start: start}, nil })
	l.list()
	for _, f := range l.files {
		for l.lookOnce(f, start); p != nil; l.lookOnce(f, start) {
			p.run(context.Background(), open)
			l.finish(p)
			p = nil
		}
	}
}

// What it costs a second to follow files that do not change.
func BenchmarkASecondOfManyIdleFiles(b *testing.B) {
	l := followMany(b)
	defer l.end(func() {})
	readAll(b, l)
	b.ReportAllocs()
	for b.Loop() {
		for range listEvery {
			l.looks++
			l.list()
			l.lookAtAll(func(*pass) { b.Fatal("a file has changed") })
		}
		l.publish()
	}
}

// What it costs to begin, the pipeline aside.
func BenchmarkTheFirstLookAtManyFiles(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		l := followMany(b)
		b.StartTimer()
		readAll(b, l)
		l.end(func() {})
	}
}
