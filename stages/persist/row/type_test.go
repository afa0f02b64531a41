package row

import "testing"

func TestNearestType(t *testing.T) {
	for word, want := range map[string]Type{
		"int": TypeInteger, "textt": TypeText, "string": TypeText, "booleen": TypeBoolean, "timestmp": TypeTimestamp,
		"float": TypeReal, "txt": TypeText, "jsn": TypeJSON, "polygon": "", "": "",
	} {
		if got := Nearest(word); got != want {
			t.Errorf("%q: got %q, expected %q", word, got, want)
		}
	}
}
