package row

import "testing"

func TestRowsSayHowMuchMemoryTheyTake(t *testing.T) {
	rows := &Rows{text: make([]byte, 10, 1000), cells: make([]Cell, 3, 50)}
	if got := rows.Size(); got != 1000+50*16 {
		t.Errorf("Size is %d, want %d", got, 1000+50*16)
	}
}
