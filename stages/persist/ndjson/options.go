package ndjson

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Sync says when rows are made durable, which settles them. Any of them also
// does so when a file is finished and when the pipeline flushes.
type Sync string

// The policies.
const (
	SyncInterval Sync = "interval" // once a second or every 64 MiB
	SyncAlways   Sync = "always"   // each group, before it is taken over
	SyncClose    Sync = "close"    // only then
)

// Options are how the rows are kept. The zero Options is one plain file that
// is appended to.
type Options struct {
	Truncate    bool          // start anew: rows and progress of earlier runs go away
	RotateSize  int64         // bytes of a file before the next one is begun; 0 for no bound
	RotateEvery time.Duration // age of a file, from its first row; 0 for no bound
	Keep        int           // finished files that stay; 0 for all
	Compress    Compression
	Sync        Sync // "" for SyncInterval
}

// Rotates says whether rows go to one file after another.
func (o Options) Rotates() bool { return o.RotateSize > 0 || o.RotateEvery > 0 }

// Bounds of the options.
const (
	minRotateSize  = 4 << 10
	minRotateEvery = time.Second
)

// optionNames are the names in a URL, for messages.
var optionNames = []string{"mode", "rotate_size", "rotate_every", "keep", "compress", "sync"}

// ParseOptions reads the options of the URL of the file at path, whose ending
// says how it is compressed where compress does not. The error joins every
// mistake.
func ParseOptions(path string, query url.Values) (Options, error) {
	o := Options{Sync: SyncInterval, Compress: compressionOf(path)}
	var errs []error
	for _, name := range sortedKeys(query) {
		if err := o.set(name, query[name][len(query[name])-1]); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		errs = append(errs, o.check(path))
	}
	return o, errors.Join(errs...)
}

func sortedKeys(query url.Values) []string {
	var names []string
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (o *Options) set(name, value string) (err error) {
	switch name {
	case "mode":
		o.Truncate = value == "truncate"
		return oneOf(name, value, "append", "truncate")
	case "sync":
		o.Sync = Sync(value)
		return oneOf(name, value, string(SyncAlways), string(SyncInterval), string(SyncClose))
	case "compress":
		o.Compress = Compression(value)
		if value == "none" {
			o.Compress = Plain
		}
		return oneOf(name, value, "none", string(Gzip), string(Zstd))
	case "rotate_size":
		size, err := humanize.ParseBytes(value)
		o.RotateSize = int64(size)
		if err != nil || size < minRotateSize || size > 1<<62 {
			return fmt.Errorf("rotate_size=%s; expected a size such as 100MiB, at least %s", value, humanize.IBytes(minRotateSize))
		}
	case "rotate_every":
		if o.RotateEvery, err = time.ParseDuration(value); err != nil || o.RotateEvery < minRotateEvery {
			return fmt.Errorf("rotate_every=%s; expected a time such as 1h or 15m, at least %s", value, minRotateEvery)
		}
	case "keep":
		if o.Keep, err = strconv.Atoi(value); err != nil || o.Keep < 1 {
			return fmt.Errorf("keep=%s; expected how many finished files are to stay, at least 1", value)
		}
	default:
		return fmt.Errorf("%s=%s is no option; expected %s", name, value, strings.Join(optionNames, ", "))
	}
	return nil
}

func oneOf(name, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	for i, k := range known {
		known[i] = name + "=" + k
	}
	return fmt.Errorf("%s=%s is no option; expected %s", name, value, strings.Join(known, " or "))
}

// check finds options that contradict each other.
func (o Options) check(path string) error {
	var errs []error
	if ending := compressionOf(path); ending != Plain && ending != o.Compress {
		errs = append(errs, fmt.Errorf("a file called %s would hold %s; leave compress away, or give it another name",
			filepath.Base(path), o.Compress.name()))
	}
	if !o.Rotates() {
		const needs = "%s needs rotation beside it: rotate_size=100MiB, rotate_every=1h or both"
		if o.Keep > 0 {
			errs = append(errs, fmt.Errorf(needs, "keep"))
		}
		if o.Sync == SyncClose {
			errs = append(errs, fmt.Errorf(needs, "sync=close"))
		}
	} else if o.Truncate {
		errs = append(errs, errors.New("mode=truncate cannot stand beside rotation, which never takes rows away again: leave one of them out, or set keep"))
	}
	return errors.Join(errs...)
}
