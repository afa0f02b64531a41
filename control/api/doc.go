// Package api serves sluice's HTTP API: the control commands, the status,
// records in, health and metrics. docs/http-api.md describes it for those who
// call it.
//
// Every command goes through control.Controller, records through a Poster, so
// nothing of a run is known here. Errors are problem documents (RFC 9457).
//
// The server is meant for an address that everybody on the machine, and every
// page in its browser, can reach. So it answers only to names of the machine
// (against DNS rebinding), refuses what a page of another origin sends, asks
// for a token once one is set, and must have one to listen beyond loopback
// ([CheckListen]). Headers, bodies and idle connections are bounded in size and
// time; a sender that is slow but moves on is not cut off.
package api
