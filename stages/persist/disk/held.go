package disk

import "errors"

const (
	// block is where the writes of an Exclusive log end when lines come fast. The
	// system then keeps them in large pieces, which takes about two thirds of the
	// time of writes that end anywhere.
	block = 128 << 10

	// holdFrom is how much comes at once when lines come fast.
	holdFrom = 32 << 10
)

// append appends the parts to an Exclusive log. When lines come fast what is behind
// the last block is held back, until more comes or until Sync or Close; otherwise all
// is in the file when it returns. After an error nothing of the parts is there.
func (l *Log) append(parts [][]byte) (n int64, err error) {
	for _, p := range parts {
		n += int64(len(p))
	}
	behind := int64(0)
	if n >= holdFrom {
		behind = min((l.size+n)%block, n)
	}
	now := n - behind
	if now > 0 {
		if err := l.put(parts, now); err != nil {
			return 0, err
		}
	}
	for _, p := range parts {
		skip := min(now, int64(len(p)))
		l.held = append(l.held, p[skip:]...)
		now -= skip
	}
	l.size += n
	return n, nil
}

// put writes what is held, and behind it the first n bytes of the parts. After an error
// nothing of that is in the file, and what was held still is.
func (l *Log) put(parts [][]byte, n int64) error {
	if l.torn {
		return l.tornError()
	}
	if err := l.settleCut(); err != nil {
		return err
	}
	l.vector = l.vector[:0]
	if len(l.held) > 0 {
		l.vector = append(l.vector, l.held)
	}
	for _, p := range parts {
		if take := min(n, int64(len(p))); take > 0 {
			l.vector = append(l.vector, p[:take])
			n -= take
		}
	}
	before := l.inFile()
	written, err := writeParts(l.file, l.vector)
	clear(l.vector) // it would keep the parts' memory
	if err != nil {
		err = Explain(err)
		if written > 0 {
			err = errors.Join(err, l.cutFile(before, written))
		}
		return err
	}
	l.held = l.held[:0]
	l.hint(before + written)
	return nil
}

// release writes what is held.
func (l *Log) release() error {
	if len(l.held) == 0 {
		return nil
	}
	return l.put(nil, 0)
}

// inFile returns how much of an Exclusive log is in the file.
func (l *Log) inFile() int64 { return l.size - int64(len(l.held)) }

// hint has the system write back what it has not been told of yet, when that is enough
// of the size that the file has now.
func (l *Log) hint(size int64) {
	if size-l.hinted >= writeBackEvery {
		l.file.WriteBack(l.hinted, size-l.hinted)
		l.hinted = size
	}
}
