package client

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"

	"sluice/control"
)

// followedShown is how many followed files a table has at most.
const followedShown = 20

// followed writes the table of followed files, those furthest behind first.
func followed(b *strings.Builder, f *control.Followed) {
	files := "files"
	if f.Files == 1 {
		files = "file"
	}
	fmt.Fprintf(b, "%-12s %s %s, %s not read yet\n", "following", humanize.Comma(int64(f.Files)), files, humanize.IBytes(uint64(max(0, f.LagBytes))))
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	row("state", "position", "size", "lag", "file")
	shown := f.List[:min(len(f.List), followedShown)]
	for _, one := range shown {
		row(one.State, humanize.Comma(one.Position), humanize.Comma(one.Size), humanize.Comma(one.LagBytes), one.Path)
	}
	_ = t.Flush() // a strings.Builder takes everything
	if more := f.Files - len(shown); more > 0 {
		fmt.Fprintf(b, "%-12s %s more, none further behind\n", "", humanize.Comma(int64(more)))
	}
}
