// Package misfits says what is wrong with a table that is there already, and how to
// mend it, in the same words whichever database it is in.
package misfits
