package table

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// follower is a Live table of a file, with a clock that the test moves.
type follower struct {
	t        *testing.T
	path     string
	live     *Live
	now      time.Time
	warnings []string
}

func newFollower(t *testing.T, text string) *follower {
	f := &follower{t: t, path: filepath.Join(t.TempDir(), "t.csv"), now: time.Unix(1000, 0)}
	f.write(text, 1)
	live, err := NewLive(Config{Path: f.path, Key: "k", Columns: []string{"v"}}, f.now, func(w string) {
		f.warnings = append(f.warnings, w)
	})
	if err != nil {
		t.Fatal(err)
	}
	f.live = live
	return f
}

// write gives the file a text and a time of change.
func (f *follower) write(text string, mtime int64) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Chtimes(f.path, time.Time{}, time.Unix(mtime, 0)); err != nil {
		f.t.Fatal(err)
	}
}

// see moves the clock, lets the table refresh and compares row a.
func (f *follower) see(after time.Duration, want string) {
	f.t.Helper()
	f.now = f.now.Add(after)
	f.live.Refresh(f.now)
	if got := row(f.live.Current(), "a"); got != want {
		f.t.Errorf("row a is %s, want %s", got, want)
	}
}

func TestAChangedFileIsLoadedOnceItIsStill(t *testing.T) {
	f := newFollower(t, "k,v\na,1\n")
	f.write("k,v\na,2\n", 2)
	f.see(999*time.Millisecond, `"1"`) // too early to look
	f.see(time.Millisecond, `"1"`)     // seen
	f.write("k,v\na,3\n", 3)
	f.see(time.Second, `"1"`) // changed again
	f.see(time.Millisecond, `"1"`)
	f.see(time.Second, `"3"`)
	f.see(time.Second, `"3"`)
	if len(f.warnings) > 0 {
		t.Errorf("warnings %q", f.warnings)
	}
}

func TestAFileRenamedIntoPlaceIsLoaded(t *testing.T) {
	f := newFollower(t, "k,v\na,1\n")
	path := f.path
	f.path += ".new"
	f.write("k,v\na,2\n", 1) // same size and time; only the inode differs
	if err := os.Rename(f.path, path); err != nil {
		t.Fatal(err)
	}
	f.see(time.Second, `"1"`)
	f.see(time.Second, `"2"`)
}

func TestAFileThatCannotBeReadKeepsTheTableAndWarnsOnce(t *testing.T) {
	f := newFollower(t, "k,v\na,1\n")
	f.write("key,v\na,2\n", 2)
	for range 5 {
		f.see(time.Second, `"1"`)
	}
	if len(f.warnings) != 1 || !strings.Contains(f.warnings[0], `no column "k"`) {
		t.Errorf("warnings %q, want one that names the column", f.warnings)
	}
	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		f.see(time.Second, `"1"`)
	}
	if len(f.warnings) != 2 || !strings.Contains(f.warnings[1], "no such file") {
		t.Errorf("warnings %q, want a second one", f.warnings)
	}
	f.write("k,v\na,3\n", 3)
	f.see(time.Second, `"1"`)
	f.see(time.Second, `"3"`)
}

func TestDuplicateKeysAreReportedAtEachLoad(t *testing.T) {
	f := newFollower(t, "k,v\na,1\na,2\na,3\n")
	if len(f.warnings) != 1 || !strings.Contains(f.warnings[0], "the same key: 2") {
		t.Errorf("warnings %q", f.warnings)
	}
}

func TestManyRefreshAtOnce(t *testing.T) {
	f := newFollower(t, "k,v\na,1\n")
	f.write("k,v\na,2\n", 2)
	synctest.Test(t, func(t *testing.T) {
		for round := range 3 {
			now := f.now.Add(time.Duration(round+1) * time.Second)
			for range 8 {
				go func() {
					f.live.Refresh(now)
					row(f.live.Current(), "a")
				}()
			}
			synctest.Wait()
		}
	})
	if got := row(f.live.Current(), "a"); got != `"2"` {
		t.Errorf("row a is %s, want the new one", got)
	}
}
