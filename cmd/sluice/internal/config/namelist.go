package config

import (
	"fmt"
	"strings"
)

// nameList is a list of names that is given as one text, with commas between
// them.
type nameList []string

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *nameList) UnmarshalText(text []byte) error {
	var names nameList
	for name := range strings.SplitSeq(string(text), ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			return fmt.Errorf("%q has an empty entry; expected names with a comma between two", text)
		}
		names = append(names, name)
	}
	*l = names
	return nil
}
