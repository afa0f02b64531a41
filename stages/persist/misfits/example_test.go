package misfits_test

import (
	"fmt"

	"sluice/stages/persist/misfits"
)

func ExampleFindings() {
	var f misfits.Findings
	f.Bad("column n is missing; expected bigint")
	f.Mend(`ALTER TABLE "events" ADD COLUMN "n" bigint`)
	fmt.Println(f.Err("out.db", "events", "ALTER TABLE events RENAME TO events_old"))
	f.Cannot("it is a view, not a table")
	fmt.Println(f.Err("out.db", "events", "DROP VIEW events"))
	// Output:
	// table events of out.db does not fit:
	//   column n is missing; expected bigint
	// change the configuration, name another table, or mend it with:
	//   ALTER TABLE "events" ADD COLUMN "n" bigint;
	// table events of out.db does not fit:
	//   column n is missing; expected bigint
	//   it is a view, not a table
	// change the configuration, name another table, or mend it with:
	//   DROP VIEW events;
}
