package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// listBlock is how many letters a list lines up at once: a longer one is printed as
// it is read, whatever its length.
const listBlock = 1000

// letterList prints letters one after another.
type letterList interface {
	add(line []byte) error
	end(next int64) error // next is the page's, 0 after the last
}

// listDead prints a page of letters.
func listDead(ctx context.Context, out io.Writer, o deadOptions, at *deadPlace, f pipeline.LetterFilter) error {
	if f.Limit == 0 && len(f.IDs) == 0 {
		f.Limit = deadListLimit
	}
	var list letterList = &letterLines{out: out}
	if o.json {
		list = &letterObjects{out: out}
	}
	limit, count, last, next := f.Limit, 0, int64(0), int64(0)
	if limit > 0 {
		f.Limit++ // whether there are more
	}
	err := at.Each(ctx, f, api.LetterBrief, func(id int64, line []byte) error {
		if limit > 0 && count == limit {
			next = last
			return nil
		}
		count, last = count+1, id
		return list.add(line)
	})
	if err != nil {
		return err
	}
	return list.end(next)
}

// letterLines prints for people.
type letterLines struct {
	out   io.Writer
	table *tabwriter.Writer
	count int
}

func (l *letterLines) add(line []byte) error {
	s, err := deadletter.Parse(line)
	if err != nil {
		return err
	}
	if l.count%listBlock == 0 {
		if err := l.flush(); err != nil {
			return err
		}
		l.table = tabwriter.NewWriter(l.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(l.table, "id\tat\tstage\tcode\tlane\ttries\tsource\tpointer and message")
	}
	l.count++
	_, err = fmt.Fprintf(l.table, "%d\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", s.ID, s.At, s.Stage, s.Code, s.Lane, s.Attempts,
		plainText(fmt.Sprintf("%s:%d", s.Source, s.Position), 40), plainText(strings.TrimSpace(s.Pointer+" "+s.Message), 100))
	return err
}

func (l *letterLines) flush() error {
	if l.table == nil {
		return nil
	}
	return l.table.Flush()
}

func (l *letterLines) end(next int64) error {
	if l.count == 0 {
		_, err := fmt.Fprintln(l.out, "no dead letters")
		return err
	}
	if err := l.flush(); err != nil || next == 0 {
		return err
	}
	_, err := fmt.Fprintf(l.out, "there are more: --after %d\n", next)
	return err
}

// letterObjects prints an api.LetterPage.
type letterObjects struct {
	out    io.Writer
	begun  bool
	indent bytes.Buffer
}

func (l *letterObjects) add(line []byte) error {
	before := ",\n    "
	if !l.begun {
		before = "{\n  \"dead_letters\": [\n    "
	}
	l.begun = true
	l.indent.Reset()
	l.indent.WriteString(before)
	if err := json.Indent(&l.indent, line, "    ", "  "); err != nil {
		return err
	}
	_, err := l.out.Write(l.indent.Bytes())
	return err
}

func (l *letterObjects) end(next int64) error {
	before := "\n  ]"
	if !l.begun {
		before = "{\n  \"dead_letters\": []"
	}
	_, err := fmt.Fprintf(l.out, "%s,\n  \"next\": %d\n}\n", before, next)
	return err
}
