//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// options are the command line.
type options struct {
	kills    int
	seed     uint64
	sink     string
	binary   string
	dir      string
	want     string
	complete bool // a PostgreSQL that is not there is an error
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "chaos: %v\n", err)
		os.Exit(1)
	}
}

// run makes cases until there were enough kills.
func run(args []string, out io.Writer) error {
	o, err := parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := newCampaign(o, out)
	if err != nil {
		return err
	}
	err = c.run()
	return errors.Join(err, c.close())
}

func parse(args []string) (o options, err error) {
	flags := pflag.NewFlagSet("chaos", pflag.ContinueOnError)
	flags.IntVar(&o.kills, "kills", 200, "end after `N` kills and the case that they are in")
	flags.Uint64Var(&o.seed, "seed", 0, "`SEED` of the first case; 0 for one from the clock")
	flags.StringVar(&o.sink, "sink", "all", "`NAME`: "+strings.Join(sinkNames(), ", ")+", or all")
	flags.StringVar(&o.binary, "sluice", "bin/sluice-chaos", "`FILE`: sluice, built with the tag chaos")
	flags.StringVar(&o.dir, "dir", "", "`DIR` for the cases; a temporary one unless set")
	flags.StringVar(&o.want, "want", "", "`LIST` of instants that the first case comes to before others, as the message of a case that failed has it; those not met yet unless set")
	flags.BoolVar(&o.complete, "complete", false, "fail without PostgreSQL instead of leaving its cases out")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.sink != "all" && !slices.Contains(sinkNames(), o.sink) {
		return o, fmt.Errorf("--sink %s; expected one of %s, or all", o.sink, strings.Join(sinkNames(), ", "))
	}
	if o.kills < 1 {
		return o, fmt.Errorf("--kills %d; expected at least 1", o.kills)
	}
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return o, err
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano() / int64(time.Millisecond) % 1e9)
	}
	return o, nil
}
