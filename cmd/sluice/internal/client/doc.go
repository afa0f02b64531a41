// Package client steers a sluice that runs elsewhere, through its HTTP API:
// sluice ctl is made of it. It finds the address, sends commands, and prints a
// status for a person.
package client
