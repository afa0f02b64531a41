package ndjson

import (
	"bytes"
	"fmt"
	"io"

	"sluice/stages/persist/disk"
)

// part is the file that rows go to at present.
type part struct {
	path   string
	log    *disk.Log
	synced int64 // its size at the last checkpoint
	raw    int64 // bytes of rows since then, before they are compressed

	enc    encoder // nil for plain rows
	open   bool    // a frame was begun
	frames bytes.Buffer
}

// openPart opens or makes the file and locks it. It has to be mended before
// anything is written.
func openPart(fsys disk.FS, path string, c Compression) (*part, error) {
	enc, err := newEncoder(c)
	if err != nil {
		return nil, err
	}
	log, err := disk.OpenLog(fsys, path, disk.Exclusive, nil)
	if err != nil {
		return nil, err
	}
	return &part{path: path, log: log, synced: log.Size(), enc: enc}, nil
}

// compression tells how the file is encoded that is there; false when it is
// empty.
func (p *part) compression() (Compression, bool, error) {
	head, err := p.head()
	return sniff(head), len(head) > 0, err
}

// head returns the first bytes of the file, as many as tell how it is encoded.
func (p *part) head() ([]byte, error) {
	head := make([]byte, min(int64(len(zstdMagic)), p.log.Size()))
	if _, err := p.log.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	return head, nil
}

// mend cuts away what a crash has left torn behind vouched: half a line, half a
// frame, a hole of bytes that never got to the disk. What is not ours stays.
func (p *part) mend(c Compression, vouched int64, ours disk.Ours) (err error) {
	if c == Plain {
		if ours(vouched, nil) {
			err = p.cutHole(vouched)
		}
		if err == nil {
			err = p.log.Mend(ours)
		}
	} else {
		err = p.cutFrame(c, vouched, ours)
	}
	p.synced = p.log.Size()
	return err
}

func (p *part) cutFrame(c Compression, vouched int64, ours disk.Ours) error {
	end, err := lastFrameEnd(p.log, c, vouched, p.log.Size())
	if err != nil || end == p.log.Size() {
		return err
	}
	if !ours(end, nil) {
		return fmt.Errorf("%s: what begins at byte %d is no whole %s frame, and was not left by sluice: remove it, or choose another file", p.path, end, c)
	}
	return p.log.CutTo(end)
}

// cutHole cuts the file before the first line that has a NUL byte: no JSON has
// one, and a file system that lost power puts them where data was to be. Mend
// does the same near the end; with SyncClose more than that may be unsynced.
func (p *part) cutHole(from int64) error {
	block := make([]byte, 64<<10)
	line := from // where the line begins that is being looked at
	for at := from; at < p.log.Size(); {
		n, err := p.log.ReadAt(block[:min(int64(len(block)), p.log.Size()-at)], at)
		if n == 0 {
			return err
		}
		seen := block[:n]
		hole := bytes.IndexByte(seen, 0)
		if hole >= 0 {
			seen = seen[:hole]
		}
		if i := bytes.LastIndexByte(seen, '\n'); i >= 0 {
			line = at + int64(i) + 1
		}
		if hole >= 0 {
			return p.log.CutTo(line)
		}
		at += int64(n)
	}
	return nil
}

// size returns how long the file is, without what is still being compressed.
func (p *part) size() int64 { return p.log.Size() }

// write appends rows. After an error plain ones are not there, and compressed ones
// are: spill writes them.
func (p *part) write(rows parts) error {
	p.raw += rows.size
	if p.enc == nil {
		_, err := p.log.Write(rows.bytes...)
		return err
	}
	if !p.open {
		p.enc.Reset(&p.frames)
		p.open = true
	}
	for _, b := range rows.bytes {
		if _, err := p.enc.Write(b); err != nil {
			return err
		}
	}
	return p.spill()
}

// spill writes what the encoder has given so far. After an error it is kept.
func (p *part) spill() error {
	if p.frames.Len() == 0 {
		return nil
	}
	if _, err := p.log.Write(p.frames.Bytes()); err != nil {
		return err
	}
	p.frames.Reset()
	return nil
}

// endFrame writes the rest of the rows that are being compressed.
func (p *part) endFrame() error {
	if p.open {
		p.open = false
		if err := p.enc.Close(); err != nil {
			return err
		}
	}
	return p.spill()
}

// sync makes all rows durable.
func (p *part) sync() error {
	err := p.endFrame()
	if err == nil {
		err = p.log.Sync()
	}
	return err
}

// checkpoint notes that sync was the last thing that happened.
func (p *part) checkpoint() { p.synced, p.raw = p.size(), 0 }
