//go:build unix

package postgrestest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Cut is what a Proxy does about a COMMIT.
type Cut int

// The cuts.
const (
	CutNothing Cut = iota
	CutBefore      // end the connection instead of passing the COMMIT on
	CutAfter       // pass it on, wait for the answer, and end the connection instead of passing that on
	CutUnheard     // pass it on and end the connection at once, unanswered: whether the server got it is open
)

// Proxy stands between clients and a server.
type Proxy struct {
	server string // socket
	listen net.Listener
	dir    string

	mu     sync.Mutex // guards what follows
	cut    Cut
	cuts   int
	links  map[*link]struct{}
	frozen chan struct{} // closed when it thaws; nil unless it is frozen
	all    bool          // new links are frozen too
	wg     sync.WaitGroup

	held atomic.Int64
}

// Proxy starts a proxy before the server and ends it with the test.
func (s *Server) Proxy(tb testing.TB) *Proxy {
	tb.Helper()
	p, err := s.NewProxy()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// NewProxy starts a proxy before the server. Close ends it.
func (i *Instance) NewProxy() (*Proxy, error) {
	dir, err := os.MkdirTemp("", "sluicepx")
	if err != nil {
		return nil, err
	}
	const socket = ".s.PGSQL.5432"
	p := &Proxy{server: filepath.Join(i.dir, socket), dir: dir, links: map[*link]struct{}{}}
	if p.listen, err = net.Listen("unix", filepath.Join(dir, socket)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	p.wg.Go(p.accept)
	return p, nil
}

// Close ends the proxy and all its connections.
func (p *Proxy) Close() error {
	err := p.listen.Close()
	p.Sever()
	p.Thaw()
	p.wg.Wait()
	return errors.Join(err, os.RemoveAll(p.dir))
}

// URL returns the URL of a database for User through the proxy.
func (p *Proxy) URL(database string) string { return URL(p.dir, User, database) }

// Next says what is done about the next COMMIT; the ones after it pass.
func (p *Proxy) Next(cut Cut) {
	p.mu.Lock()
	p.cut = cut
	p.mu.Unlock()
}

// Cuts returns how many connections were cut at a COMMIT.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts
}

// Sever ends all connections.
func (p *Proxy) Sever() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		_ = l.client.Close()
	}
}

// Freeze passes nothing on from now on, in either direction, and ends no
// connection, as a network does that is gone; with all, not on new connections
// either, which are still accepted, as by a server that hangs.
func (p *Proxy) Freeze(all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		p.frozen = make(chan struct{})
	}
	for l := range p.links {
		l.freeze(p.frozen)
	}
	p.all = all
}

// Held returns how many messages have met a frozen link.
func (p *Proxy) Held() int64 { return p.held.Load() }

// Thaw passes everything on again.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		return
	}
	close(p.frozen)
	p.frozen, p.all = nil, false
	for l := range p.links {
		l.freeze(nil)
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listen.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		link := &link{p: p, client: client, server: server}
		if p.all {
			link.frozen = p.frozen
		}
		p.links[link] = struct{}{}
		p.mu.Unlock()
		p.wg.Go(link.up)
		p.wg.Go(link.down)
	}
}

// link is one connection through the proxy.
type link struct {
	p              *Proxy
	client, server net.Conn

	mu     sync.Mutex    // guards what follows
	mute   bool          // the next bytes from the server end the connection
	frozen chan struct{} // nothing passes until it is closed; nil when everything does
}

func (l *link) freeze(frozen chan struct{}) {
	l.mu.Lock()
	l.frozen = frozen
	l.mu.Unlock()
}

// hold waits while the link is frozen.
func (l *link) hold() {
	l.mu.Lock()
	frozen := l.frozen
	l.mu.Unlock()
	if frozen != nil {
		l.p.held.Add(1)
		<-frozen
	}
}

func (l *link) close() {
	_ = l.client.Close()
	_ = l.server.Close()
	l.p.mu.Lock()
	delete(l.p.links, l)
	l.p.mu.Unlock()
}

// down passes on what the server says.
func (l *link) down() {
	defer l.close()
	buf := make([]byte, 64<<10)
	for {
		n, err := l.server.Read(buf)
		l.mu.Lock()
		mute := l.mute
		l.mu.Unlock()
		if err != nil || mute {
			return
		}
		l.hold()
		if _, err := l.client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// up passes on what the client says, message by message.
func (l *link) up() {
	defer l.close()
	head := make([]byte, 5)
	for first := true; ; first = false {
		start := head
		if first {
			start = head[1:] // the first message has no letter
		}
		if _, err := io.ReadFull(l.client, start); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(l.client, body); err != nil {
			return
		}
		l.hold()
		cut := CutNothing
		if !first && head[0] == 'Q' && strings.HasPrefix(string(body), "COMMIT\x00") {
			cut = l.p.take()
		}
		if cut == CutBefore {
			return
		}
		if cut != CutNothing { // or a quick answer would get through before the end
			l.mu.Lock()
			l.mute = true
			l.mu.Unlock()
		}
		if _, err := l.server.Write(append(append([]byte(nil), start...), body...)); err != nil || cut == CutUnheard {
			return
		}
	}
}

// take returns what is to be done about a COMMIT.
func (p *Proxy) take() Cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut := p.cut
	if p.cut = CutNothing; cut != CutNothing {
		p.cuts++
	}
	return cut
}
