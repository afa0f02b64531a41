package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/stages/persist/disk"
)

func nobodys(int64, []byte) bool { return false }

func everything(int64, []byte) bool { return true }

// open opens a log and mends it, as its sharing has it.
func open(path string, sharing disk.Sharing, ours disk.Ours) (*disk.Log, error) {
	l, err := disk.OpenLog(disk.OS, path, sharing, ours)
	if err == nil && sharing == disk.Exclusive {
		if err = l.Mend(ours); err != nil {
			err = errors.Join(err, l.Close())
		}
	}
	return l, err
}

func TestALastLineWithoutItsEnd(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	const refused = "refused"
	for name, c := range map[string]struct {
		before string
		ours   disk.Ours
		after  string // "" with refused as well
	}{
		"nothing there":                              {"", nobodys, ""},
		"whole lines stay":                           {"a\nb\n", nobodys, "a\nb\n"},
		"a long whole line stays":                    {long + "\n", nobodys, long + "\n"},
		"half a line of ours goes":                   {"a\nb", everything, "a\n"},
		"nothing but half a line of ours":            {"abc", everything, ""},
		"half a line of many blocks goes":            {"a\n" + long, everything, "a\n"},
		"JSON that is whole gets its end":            {"{\"x\":1}\n{\"x\":2}", nobodys, "{\"x\":1}\n{\"x\":2}\n"},
		"JSON that is whole stays, also ours":        {"{\"x\":2}", everything, "{\"x\":2}\n"},
		"blanks get their end":                       {"{}\n  ", nobodys, "{}\n  \n"},
		"a hole of ours goes, and what is behind it": {"a\nb\x00\x00c\nd\n", everything, "a\n"},
		"a line of nothing but a hole goes":          {"a\n\x00\x00", everything, "a\n"},
		"a hole of others stays":                     {"a\nb\x00c\nd\n", nobodys, "a\nb\x00c\nd\n"},
		"half a line of others is refused":           {"{\"x\":1}\n{\"x\":", nobodys, refused},
		"text of others is refused":                  {"a\nb", nobodys, refused},
	} {
		for _, sharing := range []disk.Sharing{disk.Exclusive, disk.Shared} {
			t.Run(name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "log")
				if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
					t.Fatal(err)
				}
				checked := disk.CheckLog(disk.OS, path, c.ours)
				if got := read(t, path); got != c.before {
					t.Errorf("CheckLog changed it to %q", got)
				}
				l, err := open(path, sharing, c.ours)
				if c.after == refused {
					if err == nil || !strings.Contains(err.Error(), "end the line, or remove it") || checked == nil || checked.Error() != err.Error() {
						t.Errorf("CheckLog: %v\nOpenLog: %v", checked, err)
					}
					if got := read(t, path); got != c.before {
						t.Errorf("it was changed to %q", got)
					}
					return
				}
				if err := errors.Join(checked, err); err != nil {
					t.Fatal(err)
				}
				_, err = l.Write([]byte("new\n"))
				if err := errors.Join(err, l.Sync(), l.Close()); err != nil {
					t.Fatal(err)
				}
				if got := read(t, path); got != c.after+"new\n" {
					t.Errorf("got %d bytes ending in %q", len(got), got[max(0, len(got)-20):])
				}
			})
		}
	}
}

func TestOursIsAskedWithTheLinesPlaceAndHead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("a\n{\"stage\":"+strings.Repeat("x", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	err := disk.CheckLog(disk.OS, path, func(start int64, head []byte) bool {
		return start == 2 && strings.HasPrefix(string(head), `{"stage":x`)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestCheckLogMakesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := disk.CheckLog(disk.OS, filepath.Join(dir, "new"), nobodys); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"a directory":        {dir, "expected a file"},
		"no directory":       {filepath.Join(dir, "no", "log"), "mkdir -p"},
		"a device":           {os.DevNull, "not a regular file"},
		"below a plain file": {filepath.Join(os.DevNull, "log"), "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := disk.CheckLog(disk.OS, c.path, nobodys); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; expected %q in it", err, c.want)
			}
		})
	}
}

// shrinking has another process cut a line off the file at each of the first looks at
// its size.
type shrinking struct {
	disk.FS
	cuts int
}

func (s *shrinking) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	file, err := s.FS.OpenFile(name, flag, perm)
	return &shrinkingFile{file, s}, err
}

type shrinkingFile struct {
	disk.File
	fs *shrinking
}

func (f *shrinkingFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	if err == nil && f.fs.cuts > 0 {
		f.fs.cuts--
		err = f.Truncate(info.Size() - 2)
	}
	return info, err
}

func TestCheckLogLooksAgainAtAFileThatGotShorter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("1\n2\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.CheckLog(&shrinking{FS: disk.OS, cuts: 2}, path, nobodys); err != nil {
		t.Error(err)
	}
	if got := read(t, path); got != "1\n" {
		t.Errorf("left %q", got)
	}
}

// longer gives files a size that is more than can be read of them, as those of sysfs have.
type longer struct{ disk.FS }

func (l longer) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	file, err := l.FS.OpenFile(name, flag, perm)
	return longerFile{file}, err
}

type longerFile struct{ disk.File }

func (f longerFile) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	return longerInfo{info}, err
}

type longerInfo struct{ fs.FileInfo }

func (i longerInfo) Size() int64 { return i.FileInfo.Size() + 10 }

func TestCheckLogEndsWithAFileThatIsShorterThanItsSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.CheckLog(longer{disk.OS}, path, nobodys); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}
