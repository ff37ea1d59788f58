package landing

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/waybill-dev/waybill/runtime/value"
)

// pipe reads ahead of who reads from it, so that reading, working out checksums and
// writing go on at the same time. It holds the last piece back until the end of
// what it reads is known to be good: nobody ever gets all of a file that is broken.
// Reading from it after close is an error, and safe: a client of a server may do so.
type pipe struct {
	full chan piece
	free chan []byte
	stop chan struct{}
	once sync.Once

	mu   sync.Mutex
	now  piece  // what is being handed on
	rest []byte // of it
	err  error  // why it ended; io.EOF where it ended well
}

// piece is a buffer with what was read into it, or the end.
type piece struct {
	buf []byte // whole, to be used again
	n   int
	err error
}

// ahead is how many buffers a pipe has: one is filled, one held back, and one on
// each side of the channel.
const ahead = 4

var buffers = sync.Pool{New: func() any { return new([Chunk]byte) }}

var errClosed = errors.New("nobody reads it any more")

// newPipe starts reading. see is told of each piece, in order, and finish of the
// end; an error of either is the end. One goroutine calls both, which has ended
// when close returns.
func newPipe(ctx context.Context, op string, r io.Reader, see func([]byte) error, finish func() error) *pipe {
	p := &pipe{full: make(chan piece, 1), free: make(chan []byte, ahead), stop: make(chan struct{})}
	go p.fill(ctx, op, r, see, finish)
	return p
}

func (p *pipe) fill(ctx context.Context, op string, r io.Reader, see func([]byte) error, finish func() error) {
	defer close(p.full)
	var held piece
	for made := 0; ; {
		buf, ok := p.buffer(&made)
		if !ok {
			return
		}
		n, err := readFull(ctx, r, buf)
		switch {
		case ctx.Err() != nil:
			err = value.Interrupted(ctx, op)
		case err != nil && err != io.EOF:
		case n > 0:
			if seeing := see(buf[:n]); seeing != nil {
				err = seeing
			}
		}
		if err == io.EOF {
			if finishing := finish(); finishing != nil {
				err = finishing
			} else {
				err = io.EOF
			}
		}
		if err != nil && err != io.EOF {
			p.hand(piece{err: err})
			return
		}
		if held.buf != nil && !p.hand(held) {
			return
		}
		held = piece{buf: buf, n: n}
		if err != nil {
			_ = p.hand(held) && p.hand(piece{err: io.EOF})
			return
		}
	}
}

// buffer returns an empty buffer, false where nobody reads any more.
func (p *pipe) buffer(made *int) ([]byte, bool) {
	select {
	case buf := <-p.free:
		return buf, true
	default:
	}
	if *made < ahead {
		*made++
		return buffers.Get().(*[Chunk]byte)[:], true
	}
	select {
	case <-p.stop:
		return nil, false
	case buf := <-p.free:
		return buf, true
	}
}

func (p *pipe) hand(x piece) bool {
	select {
	case <-p.stop:
		return false
	case p.full <- x:
		return true
	}
}

// readFull fills a buffer as far as there is something; at the end it returns what
// is left together with io.EOF.
func readFull(ctx context.Context, r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil && ctx.Err() == nil {
		var m int
		m, err = r.Read(buf[n:])
		n += m
	}
	return n, err
}

// next waits for a piece; false at the end.
func (p *pipe) next() bool {
	if p.now.buf != nil {
		p.free <- p.now.buf
		p.now = piece{}
	}
	if p.err != nil {
		return false
	}
	x, ok := <-p.full
	if !ok {
		x.err = errClosed
	}
	p.now, p.rest, p.err = x, x.buf[:x.n], x.err
	return p.err == nil
}

func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.rest) == 0 {
		if !p.next() {
			return 0, p.err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// WriteTo hands the pieces on as they are.
func (p *pipe) WriteTo(w io.Writer) (total int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.rest) > 0 || p.next() {
		n, err := w.Write(p.rest)
		total += int64(n)
		p.rest = p.rest[n:]
		if err != nil {
			return total, err
		}
	}
	if p.err == io.EOF {
		return total, nil
	}
	return total, p.err
}

// close ends reading, and waits until it has ended. It returns the error that who
// read was given, which is then the cause of what went wrong for them.
func (p *pipe) close() error {
	p.once.Do(func() { close(p.stop) })
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.full { // until fill has ended
	}
	if p.now.buf != nil {
		p.free <- p.now.buf
		p.now, p.rest = piece{}, nil
	}
	for len(p.free) > 0 {
		buffers.Put((*[Chunk]byte)(<-p.free))
	}
	why := p.err
	if p.err == nil {
		p.err = errClosed
	}
	if why == io.EOF || errors.Is(why, errClosed) {
		return nil
	}
	return why
}
