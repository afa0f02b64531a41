package client

import (
	"strings"
	"testing"
	"time"

	"sluice/control"
)

func TestTheTableNamesFollowedFiles(t *testing.T) {
	s := control.Status{Followed: &control.Followed{Files: 30, LagBytes: 5 << 20, List: []control.FollowedFile{
		{Path: "app.log", State: "reading", Position: 1000, Size: 5_000_000, LagBytes: 4_999_000},
		{Path: "web.log", State: "at end", Position: 12, Size: 12},
	}}}
	for range 28 {
		s.Followed.List = append(s.Followed.List, control.FollowedFile{Path: "more.log", State: "copy"})
	}
	var b strings.Builder
	if err := Write(&b, s, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"following    30 files, 5.0 MiB not read yet\n",
		"  reading     1,000  5,000,000  4,999,000   app.log",
		"   at end        12         12          0   web.log",
		"             10 more, none further behind\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), "more.log"); n != followedShown-2 {
		t.Errorf("%d further files", n)
	}
}
