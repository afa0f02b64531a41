// Package summary tells a person and a program how a run goes and went: the
// live line on a terminal, the text at the end and the JSON report.
package summary
