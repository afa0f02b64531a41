package ingest

import (
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
)

// header is more than the start that files are told apart by.
var header = strings.Repeat("h\n", headSize)

// headed is a text of lines behind the header.
func headed(lines string) string { return header + lines }

func TestFileIdentity(t *testing.T) {
	tests := []struct {
		name string
		do   func(w *world)
	}{
		{"a finished file has nothing new", func(w *world) {
			w.write("a", "1\n2\n")
			w.expect("a", "a: 1 2")
			w.reports(FileReport{Path: "a", To: 4})
			w.expect("a")
			w.reports(FileReport{Path: "a", Known: "a", Done: true, From: 4, To: 4})
		}},
		{"a file that grew gives what is new", func(w *world) {
			w.write("a", "1\n2\n")
			w.expect("a", "a: 1 2")
			w.grow("a", "3\n")
			w.expect("a", "a: 3")
			w.reports(FileReport{Path: "a", Known: "a", From: 4, To: 6})
		}},
		{"a short file keeps its key when it grows beyond the head", func(w *world) {
			w.write("a", "1\n")
			w.expect("a", "a: 1")
			key := w.stored[0].Source
			w.grow("a", header)
			w.run("a")
			w.grow("a", "2\n")
			w.expect("a", "a: 2")
			if len(w.stored) != 1 || w.stored[0].Source != key || !strings.HasPrefix(key, "file:2:") {
				w.t.Errorf("stored %+v, want the one under %s", w.stored, key)
			}
		}},
		{"a renamed file is the same", func(w *world) {
			w.write("a", headed("1\n"))
			w.run("a")
			w.rename("a", "b")
			w.expect("b")
			w.reports(FileReport{Path: "b", Known: "a", Done: true, From: 2*headSize + 2, To: 2*headSize + 2})
			w.grow("b", "2\n")
			w.expect("b", "b: 2")
			if w.stored[0].Name != w.path("b") {
				w.t.Errorf("its progress is named %s", w.stored[0].Name)
			}
		}},
		{"a new file under the name of one that was renamed is new", func(w *world) {
			w.write("a", "1\n")
			w.expect("a", "a: 1")
			w.rename("a", "a.1")
			w.write("a", "2\n")
			w.expect("a.1 a", "a: 2")
			w.expect("a a.1")
		}},
		{"a copy alone is the same file", func(w *world) {
			w.write("a", headed("1\n"))
			w.run("a")
			w.write("b", headed("1\n"))
			w.expect("b")
			w.remove("a")
			w.expect("b")
		}},
		{"two equal files of one run are two files", func(w *world) {
			w.write("a", "1\n")
			w.write("b", "1\n")
			w.expect("a b", "a: 1", "b: 1")
			w.expect("b a")
			w.grow("b", "2\n")
			w.expect("b a", "b: 2")
			w.rename("a", "c") // the inode tells them apart
			w.rename("b", "d")
			w.expect("c d")
			w.grow("c", "3\n")
			w.expect("d c", "c: 3")
		}},
		{"the inode tells equal files apart that were read differently far", func(w *world) {
			halfRead(w)
			w.rename("a", "c")
			w.rename("b", "d")
			if got, _ := w.run("d", "c"); len(got) != 1 || len(got["d"]) == 0 {
				w.t.Errorf("new lines in %d files, want some in d", len(got))
			}
		}},
		{"the path tells equal files apart that have new inodes", func(w *world) {
			halfRead(w)
			for _, name := range []string{"a", "b"} {
				w.write("new", many(2000))
				w.rename("new", name)
			}
			for i := range w.stored { // nor may they have got each other's
				id, _ := parseIdentity(w.stored[i].Source)
				id.inode = 0
				w.stored[i].Source = id.String()
			}
			if got, _ := w.run("b", "a"); len(got) != 1 || len(got["b"]) == 0 {
				w.t.Errorf("new lines in %d files, want some in b", len(got))
			}
		}},
		{"the copy of a file that is read beside it is a second file", func(w *world) {
			w.write("a", headed("1\n"))
			w.run("a")
			w.write("b", headed("1\n"))
			if got, _ := w.run("b", "a"); len(got) != 1 || len(got["b"]) != headSize+1 {
				w.t.Errorf("new lines in %d files, want all of b", len(got))
			}
			if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], w.path("b")+": it starts as "+w.path("a")+" does") {
				w.t.Errorf("warnings %q, want one of the copy", w.warnings)
			}
			w.expect("a b")
			w.expect("b")
			if len(w.warnings) != 1 {
				w.t.Errorf("warnings %q, want no more once both are known", w.warnings)
			}
		}},
		{"two compressed files with the same head go on each at its own place", func(w *world) {
			w.write("a.gz", string(gzipped(w.t, headed("1\n"))))
			w.write("b.gz", string(gzipped(w.t, headed("2\n3\n"))))
			w.run("a.gz", "b.gz")
			w.expect("a.gz b.gz")
			w.rename("a.gz", "c")
			w.rename("b.gz", "a.gz")
			w.rename("c", "b.gz")
			for i := range w.stored { // nor does the inode help
				id, _ := parseIdentity(w.stored[i].Source)
				id.inode = 0
				w.stored[i].Source = id.String()
			}
			w.expect("a.gz b.gz")
			w.write("a.gz", string(gzipped(w.t, headed("2\n3\n4\n"))))
			w.expect("b.gz a.gz", "a.gz: 4")
		}},
		{"a file that became shorter is a new generation", func(w *world) {
			w.write("a", headed("1\n2\n"))
			w.run("a")
			w.write("a", headed("1\n"))
			got, _ := w.run("a")
			if n := len(got["a"]); n != headSize+1 {
				w.t.Errorf("%d new lines, want all", n)
			}
			if len(w.stored) != 2 || !strings.Contains(w.stored[1].Source, ":1:") {
				w.t.Errorf("stored %+v, want a generation 1", w.stored)
			}
			w.expect("a")
		}},
		{"a file that became shorter than its head is new", func(w *world) {
			w.write("a", "1\n2\n")
			w.expect("a", "a: 1 2")
			w.write("a", "1\n")
			w.expect("a", "a: 1")
			w.expect("a")
		}},
		{"a file with the same head and other bytes before the position is a new generation", func(w *world) {
			w.write("a", headed("1\n2\n"))
			w.run("a")
			w.write("a", headed("1\n9\n10\n"))
			got, _ := w.run("a")
			if n := len(got["a"]); n != headSize+3 {
				w.t.Errorf("%d new lines, want all", n)
			}
			w.expect("a")
			w.write("a", headed("1\n2\n3\n")) // the first generation again, grown
			w.expect("a", "a: 3")
		}},
		{"files with the same head are told apart by what follows", func(w *world) {
			w.write("a", headed("1\n"))
			w.write("b", headed("2\n"))
			w.run("a")
			w.run("b")
			w.expect("a b")
			w.grow("a", "3\n")
			w.grow("b", "4\n")
			w.expect("b a", "a: 3", "b: 4")
			w.rename("a", "c")
			w.rename("b", "a")
			w.expect("a c")
		}},
		{"of two heads that fit the longer one counts", func(w *world) {
			w.write("a", "1\n")
			w.expect("a", "a: 1")
			w.remove("a")
			w.stored[0].Name = w.path("b")
			w.stored = append(w.stored, pipeline.Progress{Source: identityOf("1\n2\n"), Name: w.path("b"), Version: 7, Frontier: 4, Line: 2, Mark: markOf("1\n2\n")})
			w.write("b", "1\n2\n3\n")
			w.expect("b", "b: 3")
		}},
		{"a short file that starts as another one did is another file", func(w *world) {
			w.write("a", "start\n")
			w.expect("a", "a: start")
			w.write("b", "start\n1\n")
			w.expect("b", "b: start 1")
			w.grow("a", "2\n")
			w.expect("a b", "a: 2")
		}},
		{"a short file that was compressed is the same file", func(w *world) {
			w.write("a", "start\n")
			w.expect("a", "a: start")
			w.write("a.gz", string(gzipped(w.t, "start\n")))
			w.remove("a")
			w.expect("a.gz")
		}},
		{"an empty file is nothing to remember", func(w *world) {
			w.write("a", "")
			w.write("b", "")
			w.expect("a b")
			w.reports(FileReport{Path: "a"}, FileReport{Path: "b"})
			w.grow("a", "1\n")
			w.expect("a b", "a: 1")
			if len(w.stored) != 1 {
				w.t.Errorf("stored %+v", w.stored)
			}
		}},
		{"a compressed file is known by its content", func(w *world) {
			w.write("a", headed("1\n"))
			w.run("a")
			w.write("a.gz", string(gzipped(w.t, headed("1\n"))))
			w.expect("a.gz")
			w.write("a.zst", string(zstded(w.t, headed("1\n2\n"))))
			w.expect("a.zst", "a.zst: 2")
			w.write("a", headed("1\n2\n3\n"))
			w.expect("a", "a: 3")
		}},
		{"a compressed file that grew by a member goes on there", func(w *world) {
			w.write("a.gz", string(gzipped(w.t, headed("1\n"))))
			w.run("a.gz")
			w.grow("a.gz", string(gzipped(w.t, "2\n")))
			w.expect("a.gz", "a.gz: 2")
		}},
		{"a compressed file with other bytes before the position is a new generation", func(w *world) {
			w.write("a.gz", string(gzipped(w.t, headed("1\n2\n"))))
			w.run("a.gz")
			for i, content := range []string{"1\n9\n", "1\n"} {
				w.write("a.gz", string(gzipped(w.t, headed(content))))
				got, err := w.run("a.gz")
				if n := len(got["a.gz"]); n != headSize+strings.Count(content, "\n") || err != nil {
					w.t.Errorf("%d new lines, error %v, want all", n, err)
				}
				if len(w.stored) != i+2 {
					w.t.Errorf("%d generations", len(w.stored))
				}
			}
		}},
		{"from the start keeps the key and the version", func(w *world) {
			w.write("a", "1\n2\n")
			w.expect("a", "a: 1 2")
			w.fromStart = true
			w.expect("a", "a: 1 2")
			if len(w.stored) != 1 || w.stored[0].Version != 2 {
				w.t.Errorf("stored %+v, want version 2", w.stored)
			}
			w.reports(FileReport{Path: "a", Known: "a", To: 4})
			w.write("a.gz", string(gzipped(w.t, "1\n2\n")))
			w.expect("a.gz", "a.gz: 1 2")
			w.fromStart = false
			w.expect("a")
		}},
		{"a last line that was taken unfinished goes on as a line of the same number", func(w *world) {
			w.write("a", "1\n2")
			w.expect("a", "a: 1 2")
			w.grow("a", "2\n3\n")
			got, _ := w.run("a")
			same(w.t, got["a"], []taken{{"2", 3, 2, 0}, {"3", 5, 3, 0}})
			if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "before it was finished") {
				w.t.Errorf("warnings %q", w.warnings)
			}
		}},
		{"a last line that was finished later needs no warning", func(w *world) {
			w.write("a", "1\n2")
			w.expect("a", "a: 1 2")
			w.grow("a", "\n3\n")
			got, _ := w.run("a")
			same(w.t, got["a"], []taken{{"3", 4, 3, 0}})
			if len(w.warnings) != 0 {
				w.t.Errorf("warnings %q", w.warnings)
			}
		}},
		{"progress of other sources is left alone", func(w *world) {
			w.stored = []pipeline.Progress{{Source: "spool:events"}, {Source: ""}, {Source: "file:x:y:z:0"}, {Source: "file:0::0:0"}}
			w.write("a", "1\n")
			w.expect("a", "a: 1")
		}},
		{"a limited run vouches for nothing", func(w *world) {
			w.cfg.Limit = 3
			w.write("a", "1\n2\n")
			w.write("b", "3\n4\n")
			w.write("c", "5\n")
			w.expect("a b c", "a: 1 2", "b: 3")
			if len(w.stored) != 0 {
				w.t.Errorf("stored %+v", w.stored)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.do(newWorld(t)) })
	}
}

// halfRead makes two equal files and reads the first whole, of the second a
// chunk.
func halfRead(w *world) {
	w.t.Helper()
	w.write("a", many(2000))
	w.write("b", many(2000))
	w.run("a")
	w.stopAfter = 1
	if got, _ := w.run("a", "b"); len(got["b"]) == 0 {
		w.t.Fatal("nothing of b was read")
	}
	w.stopAfter = 0
}

func identityOf(content string) string {
	return identity{length: len(content), hash: headHash([]byte(content))}.String()
}

func markOf(content string) string {
	var tr trail
	tr.Write([]byte(content))
	return tr.mark()
}

func TestParseIdentity(t *testing.T) {
	good := identity{length: 10, hash: headHash([]byte("x")), generation: 3, inode: 0xABC}
	if got, ok := parseIdentity(good.String()); !ok || got != good {
		t.Errorf("%s: %+v, %t", good, got, ok)
	}
	for _, bad := range []string{"", "file", "spool:1:x:0:0", "file:0:x:0:0", "file:4097:x:0:0", "file:1:x:-1:0", "file:1:x:0:g", "file:01:x:0:0", "file:1:x:0:0:0"} {
		if id, ok := parseIdentity(bad); ok {
			t.Errorf("%q is taken for %+v", bad, id)
		}
	}
}

func TestRegisterFindsAmongManyFiles(t *testing.T) {
	var stored []pipeline.Progress
	for i := range 2000 {
		stored = append(stored, pipeline.Progress{Source: identityOf(fmt.Sprintf("%d:%0*d", i, i%500, i))})
	}
	r := newRegister(stored)
	head := []byte(fmt.Sprintf("%d:%0*d", 1234, 1234%500, 1234) + "\n")
	if got := r.candidates(head); len(got) != 1 || got[0] != 1234 {
		t.Errorf("candidates %v, want the one", got)
	}
}

func TestSettle(t *testing.T) {
	tests := []struct {
		name   string
		claims []claim
		want   string
	}{
		{"no claim, new files", nil, "[-1 -1]"},
		{"each file has its own", []claim{{file: 0, known: 1}, {file: 1, known: 0}}, "[1 0]"},
		{"a known file goes to one file only", []claim{{file: 1, known: 0}, {file: 0, known: 0}}, "[0 -1]"},
		{"the length counts most", []claim{{file: 0, known: 0, inode: true}, {file: 0, known: 1, length: 9}}, "[1 -1]"},
		{"then the inode", []claim{{file: 0, known: 0, path: true}, {file: 1, known: 0, inode: true}}, "[-1 0]"},
		{"then the path", []claim{{file: 0, known: 0, frontier: 9}, {file: 1, known: 0, path: true}}, "[-1 0]"},
		{"then the position", []claim{{file: 0, known: 0}, {file: 0, known: 1, frontier: 9}}, "[1 -1]"},
		{"a file that lost one gets another", []claim{{file: 0, known: 0, inode: true}, {file: 1, known: 0}, {file: 1, known: 1}}, "[0 1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fmt.Sprint(assign(2, tt.claims)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}
