package table_test

import (
	"fmt"

	"sluice/stages/enrich/table"
)

func ExampleParse() {
	hosts, err := table.Parse(table.Config{
		Path:    "hosts.csv",
		Key:     "host",
		Columns: []string{"region", "cores"},
		Types:   map[string]table.Type{"cores": table.TypeInteger},
	}, []byte("host,cores,region\nweb-1,8,eu\nweb-2,,NA\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, host := range []string{"web-1", "web-2", "web-3"} {
		row, ok := hosts.Find([]byte(host))
		fmt.Printf("%s %v %s\n", host, ok, row)
	}
	// Output:
	// web-1 true ["eu" 8]
	// web-2 true ["NA" ]
	// web-3 false []
}
