package main

import (
	"fmt"
	"io"
)

// service is a team's program and the number of hosts it runs on.
type service struct {
	name, team string
	hosts      int
	kind       func(*sample, *object) // what its events look like
}

var services = []service{
	{"gateway", "edge", 60, (*sample).request},
	{"checkout", "payments", 40, (*sample).request},
	{"catalog", "shop", 48, (*sample).request},
	{"search", "discovery", 36, (*sample).query},
	{"orders-db", "storage", 24, (*sample).query},
	{"mailer", "messaging", 20, (*sample).job},
	{"billing", "payments", 28, (*sample).job},
	{"auth", "identity", 32, (*sample).login},
	{"reports", "insight", 16, (*sample).job},
}

var regions = []string{"eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1", "ap-northeast-1"}

func hostName(s service, i int) string { return fmt.Sprintf("%s-%02d", s.name, i) }

// writeHosts writes the lookup table. Of every 16 hosts the last is not in it,
// as hosts are that were set up today.
func writeHosts(w io.Writer) {
	fmt.Fprintln(w, "host,region,owner_team,rack")
	for k, s := range services {
		for i := range s.hosts {
			if i%16 == 15 {
				continue
			}
			fmt.Fprintf(w, "%s,%s,%s,r%d-%02d\n", hostName(s, i), regions[(k+5*i)%len(regions)], s.team, k+1, i/4)
		}
	}
}
