package ingest

import "bytes"

// foreignFormats are starts of files that people feed by mistake, and what
// helps them.
var foreignFormats = []struct{ magic, warning string }{
	{"\xFF\xFE", "starts with the byte order mark of UTF-16, expected UTF-8; its lines will be dead letters: convert it first, for example with iconv -f UTF-16 -t UTF-8"},
	{"\xFE\xFF", "starts with the byte order mark of UTF-16, expected UTF-8; its lines will be dead letters: convert it first, for example with iconv -f UTF-16 -t UTF-8"},
	{"\xFD7zXZ\x00", "looks like xz, expected plain text, gzip or zstd; its lines will be dead letters: unpack it first, for example with xz -dc"},
	{"BZh", "looks like bzip2, expected plain text, gzip or zstd; its lines will be dead letters: unpack it first, for example with bzip2 -dc"},
	{"PK\x03\x04", "looks like a zip archive, expected plain text, gzip or zstd; its lines will be dead letters: unpack it first, for example with unzip -p"},
	{"\x04\x22\x4D\x18", "looks like lz4, expected plain text, gzip or zstd; its lines will be dead letters: unpack it first, for example with lz4 -dc"},
}

// foreign returns what to tell a person about an input that starts like this,
// "" when nothing is odd.
func foreign(start []byte) string {
	for _, f := range foreignFormats {
		if bytes.HasPrefix(start, []byte(f.magic)) {
			return f.warning
		}
	}
	return ""
}
