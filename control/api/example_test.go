package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"sluice/control"
	"sluice/control/api"
)

func ExampleCheckListen() {
	fmt.Println(api.CheckListen("127.0.0.1:7420", ""))
	fmt.Println(api.CheckListen("0.0.0.0:7420", "a-long-secret"))
	fmt.Println(api.CheckListen("0.0.0.0:7420", ""))
	// Output:
	// <nil>
	// <nil>
	// the listen address 0.0.0.0:7420 can be reached from other machines, and there is no token: set SLUICE_TOKEN to a secret that callers send as "Authorization: Bearer ...", or listen on 127.0.0.1:7420
}

// A server beside the loop that it steers.
func ExampleNewServer() {
	c := control.New(control.Config{Open: func(context.Context) (*control.Run, error) {
		return nil, fmt.Errorf("events.db is locked by another process: stop it, or name another sink")
	}})
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	ended := make(chan error, 1)
	go func() { ended <- c.Loop(ctx) }()

	server, err := api.NewServer(api.Config{Commander: c, Listen: api.DefaultListen})
	if err != nil {
		fmt.Println(err)
		return
	}
	listening := httptest.NewServer(server.Handler) // server.Serve(listener), in a program
	defer listening.Close()

	resp, err := http.Post(listening.URL+"/v1/start", "", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Printf("%s\n%s", resp.Status, body)

	signal()
	fmt.Println(<-ended)
	// Output:
	// 409 Conflict
	// {"type":"urn:sluice:problem:conflict","title":"Conflict","status":409,"detail":"start: events.db is locked by another process: stop it, or name another sink","code":"conflict"}
	// events.db is locked by another process: stop it, or name another sink
}
