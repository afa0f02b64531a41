// Package bench offers load to a pipeline and measures what becomes of it.
//
// A Plan says what is offered: lanes, rates, sizes. A Bench carries one out: its
// Source has a sender for each lane, which sends when a record is due and not
// when the pipeline is ready for it (open loop), and its meter takes each
// record's latency from the time it was due. A record that had to wait at the
// source because the pipeline was stuck therefore counts with its whole wait, as
// if its sender had been a stranger (Tene: coordinated omission).
package bench
