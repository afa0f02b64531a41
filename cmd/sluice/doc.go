// Command sluice takes NDJSON in and puts clean rows out: it validates,
// enriches and persists a stream of records, urgent ones first.
//
// It is the only place that sees every package: it reads the configuration,
// makes stages, source and sink of it, hands them to the engine and tells how
// that went.
package main
