package postgres

import (
	"fmt"
	"testing"

	"sluice/stages/persist/row"
)

var keyedColumns = row.Columns{{Name: "a", Type: "text", Key: true}, {Name: "b", Type: "integer", Key: true}, {Name: "v", Type: "text"}}

func TestAKeyTakesTheNewValues(t *testing.T) {
	p := newPlace(t, keyedColumns, "", "")
	d := p.open()
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprintf(`{"a":"k%d","b":1,"v":"%d"}`, i%3, i))
	}
	p.write(d, encode(t, d, lines[:10]...), encode(t, d, lines[10:]...)) // the same key within a batch and across two
	p.expect("SELECT * FROM events ORDER BY a, b", "k0 1 18", "k1 1 19", "k2 1 17")
	p.write(d, encode(t, d, `{"a":"k1","b":1,"v":null}`, `{"a":"k1","b":2,"v":"new"}`, `{"a":"k3"}`))
	p.expect("SELECT * FROM events ORDER BY a, b", "k0 1 18", "k1 1 NULL", "k1 2 new", "k2 1 17")
	p.expect("SELECT pointer, message FROM dead_letters", "/b key column b has no value; every row needs one")
}

// Of rows that the server takes for one key and that are spelled differently
// the last one wins all the same.
func TestKeysAreEqualAsTheServerSees(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "k", Type: "numeric", Key: true}, {Name: "v", Type: "text"}}, "", "")
	d := p.open()
	b := encode(t, d, `{"k":1.0,"v":"a"}`, `{"k":2,"v":"b"}`, `{"k":1.00,"v":"c"}`, `{"k":1e0,"v":"d"}`)
	p.write(d, b)
	if b.Dead() != 0 {
		t.Errorf("%d are dead", b.Dead())
	}
	p.expect("SELECT v FROM events ORDER BY k", "d", "b")
}

func TestATableOfKeysAloneKeepsEachOnce(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "a", Type: "integer", Key: true}}, "", "")
	d := p.open()
	p.write(d, encode(t, d, `{"a":2}`, `{"a":1}`, `{"a":2}`))
	p.write(d, encode(t, d, `{"a":2}`))
	p.expect("SELECT a FROM events ORDER BY ctid", "1", "2")
}

// The row that a refused one would have taken the place of goes in.
func TestARefusedRowDoesNotTakeAnEarlierOneAlong(t *testing.T) {
	p := newPlace(t, keyedColumns, "", "")
	p.exec("CREATE TABLE events (a text, b bigint, v text CHECK (v <> 'bad'), UNIQUE (b, a))")
	d := p.open()
	b := encode(t, d, `{"a":"x","b":1,"v":"good"}`, `{"a":"y","b":1,"v":"good"}`, `{"a":"x","b":1,"v":"bad"}`, `{"a":"z","b":1,"v":"good"}`)
	p.write(d, b)
	if b.Dead() != 1 || b.Record(2).Live() {
		t.Errorf("%d are dead", b.Dead())
	}
	p.expect("SELECT a, v FROM events ORDER BY a", "x good", "y good", "z good")
}
