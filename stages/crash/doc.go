// Package crash names the instants at which the killing test ends the process.
//
// A build with the tag chaos reads the environment variable CRASH_AT once, at
// start, and ends itself with SIGKILL at the instant that it names (see Parse).
// In all other builds the functions are empty and cost nothing.
package crash
