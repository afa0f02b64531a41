package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// dead runs one command line of sluice dead.
func (p *process) dead(ctx context.Context, o deadOptions, verb string, f pipeline.LetterFilter, replay pipeline.ReplayOptions) error {
	at, err := p.deadPlace(ctx, o, verb)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(p.stdout, 64<<10)
	switch verb {
	case "list":
		err = listDead(ctx, out, o, at, f)
	case "show":
		err = showDead(ctx, out, o, at, f)
	case "stats":
		err = statsDead(ctx, out, o, at, f)
	case "export":
		err = p.exportDead(ctx, out, o, at, f)
	case "purge":
		err = purgeDead(ctx, out, o, at, f)
	case "replay":
		var result pipeline.ReplayResult
		result, err = p.replay(ctx, at, f, replay)
		if err == nil || result.Sent > 0 {
			err = errors.Join(err, printReplay(out, o, result))
		}
		if failed := result.Dead + result.Skipped; err == nil && o.failOnDead && failed > 0 {
			err = deadError(failed)
		}
	}
	return errors.Join(err, out.Flush())
}

// plainText makes a text of a stranger one line of at most so many characters, with
// nothing in it that moves a terminal.
func plainText(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	if utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most-3]) + "..."
	}
	return text
}

// showDead prints whole letters.
func showDead(ctx context.Context, out io.Writer, o deadOptions, at *deadPlace, f pipeline.LetterFilter) error {
	found := 0
	err := at.Each(ctx, f, api.LetterWhole, func(_ int64, line []byte) error {
		found++
		if o.json {
			_, err := fmt.Fprintf(out, "%s\n", line)
			return err
		}
		l, err := deadletter.Parse(line)
		if err == nil {
			err = showLetter(out, &l)
		}
		return err
	})
	if err == nil && found < len(f.IDs) {
		err = fmt.Errorf("of %d dead letters %d are there; the others may have been replayed or purged", len(f.IDs), found)
	}
	return err
}

func showLetter(out io.Writer, l *deadletter.Stored) error {
	raw, err := l.Raw()
	if err != nil {
		return err
	}
	note := ""
	if l.Cut() {
		note = " (only the beginning of the line was kept: it cannot be replayed)"
	}
	_, err = fmt.Fprintf(out, "dead letter %d\n  stage     %s\n  code      %s\n  pointer   %s\n  message   %s\n  attempts  %d\n  lane      %s\n  source    %s\n  position  %d\n  at        %s\n",
		l.ID, plainText(l.Stage, 500), plainText(l.Code, 500), plainText(l.Pointer, 2000), plainText(l.Message, 2000), l.Attempts, l.Lane, plainText(l.Source, 500), l.Position, l.At)
	if err == nil && l.Errors != "" {
		_, err = fmt.Fprintf(out, "  errors    %s\n", plainText(l.Errors, len(l.Errors)))
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "  record    %d bytes%s\n%s\n", len(raw), note, plainText(string(raw), len(raw)))
	}
	return err
}

func statsDead(ctx context.Context, out io.Writer, o deadOptions, at *deadPlace, f pipeline.LetterFilter) error {
	counts, err := at.Stats(ctx, f)
	if err != nil {
		return err
	}
	stats := api.NewLetterStats(counts)
	if o.json {
		return printJSON(out, stats)
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "count\tstage\tcode\tlane\tfirst\tlast")
	for _, c := range counts {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", humanize.Comma(c.Count), c.Stage, c.Code, c.Lane, c.First, c.Last)
	}
	fmt.Fprintf(t, "%s\tin all\n", humanize.Comma(stats.Total))
	return t.Flush()
}

// exportDead prints NDJSON. Of records that were cut it says how many it left out.
func (p *process) exportDead(ctx context.Context, out io.Writer, o deadOptions, at *deadPlace, f pipeline.LetterFilter) error {
	form := api.LetterWhole
	if o.records {
		form = api.LetterRecord
	}
	err := at.Each(ctx, f, form, func(_ int64, line []byte) error {
		if _, err := out.Write(line); err != nil {
			return err
		}
		_, err := out.Write([]byte{'\n'})
		return err
	})
	if err != nil || !o.records {
		return err
	}
	counts, err := at.Stats(ctx, f)
	for _, c := range counts {
		if c.Code == string(pipeline.CodeTooLong) && f.Limit == 0 {
			fmt.Fprintf(p.stderr, "sluice: left out: %d in lane %s that were too long, of which only the beginning was kept\n", c.Count, c.Lane)
		}
	}
	return err
}

func purgeDead(ctx context.Context, out io.Writer, o deadOptions, at *deadPlace, f pipeline.LetterFilter) error {
	n, err := at.Delete(ctx, f)
	switch {
	case err != nil:
		return err
	case o.json:
		return printJSON(out, api.LettersDeleted{Deleted: n})
	}
	_, err = fmt.Fprintf(out, "purged %s dead letters\n", humanize.Comma(n))
	return err
}

// shownReasons is how many reasons of letters that failed again are printed.
const shownReasons = 10

func printReplay(out io.Writer, o deadOptions, r pipeline.ReplayResult) error {
	if o.json {
		return printJSON(out, r)
	}
	_, err := fmt.Fprintf(out, "replayed %s dead letters: %s persisted, %s failed again, %s filtered, %s dropped; %s cannot be replayed\n",
		humanize.Comma(r.Sent), humanize.Comma(r.Persisted), humanize.Comma(r.Dead), humanize.Comma(r.Filtered), humanize.Comma(r.Dropped), humanize.Comma(r.Skipped))
	for i, e := range r.Errors {
		if err != nil || i == shownReasons {
			break
		}
		_, err = fmt.Fprintf(out, "  %d  %s  %s\n", e.ID, e.Code, plainText(strings.TrimSpace(e.Pointer+" "+e.Message), 120))
	}
	return err
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
