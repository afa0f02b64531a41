package table

import (
	"bytes"
	"fmt"
)

// compressions are formats that are not taken, and what unpacks them beside the
// file.
var compressions = []struct{ magic, name, command string }{
	{"\x1F\x8B", "gzip", "gzip -dk"},
	{"\x28\xB5\x2F\xFD", "zstd", "zstd -d"},
	{"\xFD7zXZ\x00", "xz", "xz -dk"},
	{"BZh91AY&SY", "bzip2", "bzip2 -dk"},
	{"PK\x03\x04", "zip", "unzip"},
}

// refuseCompressed is an error for a file that starts as a compressed one does.
func refuseCompressed(text []byte) error {
	for _, c := range compressions {
		if bytes.HasPrefix(text, []byte(c.magic)) {
			return fmt.Errorf("it is compressed (%s); expected plain CSV or NDJSON: unpack it, for example with %s, and name the unpacked file", c.name, c.command)
		}
	}
	return nil
}
