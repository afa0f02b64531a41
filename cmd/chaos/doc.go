// Chaos kills sluice again and again and looks at what is there in the end.
//
// A case is an input of numbered lines, a sink and a series of runs of the real
// program as a process of its own. Each run but the last is ended with SIGKILL: after
// a random time, or at an instant that the program is told to end itself
// at (package crash; the binary has to be built with the tag chaos). Meanwhile the lane
// rule and the limits change, two processes start at once, the database is
// stopped and its connections are cut, a followed log is rotated, and a process
// that serves is steered. Then an oracle that shares no code with
// the sinks reads what is stored: each line once, unchanged, in the order of its lane, and
// nothing else. At the end of a campaign the tally says what it was killed at.
//
//	make chaos KILLS=1000 SINK=postgres SEED=7
//
// A case is made from its seed alone; the first has the seed that was given and
// each further one the next; each sink has its cases from the same seeds. Only
// the scheduling of the processes is not repeated.
package main
