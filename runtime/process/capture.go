package process

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	maxOutput = 64 << 10 // kept of both streams
	maxStderr = 2 << 10  // kept of standard error for a message
	maxLine   = 16 << 10 // a longer line is passed on in pieces
)

// capture takes the two streams of a program: each through the redactor, cut
// into lines, and then together to the output and the tails.
type capture struct {
	mu     sync.Mutex
	output io.Writer
	both   tail
	errors tail

	stdout, stderr io.WriteCloser
}

func newCapture(of Command) *capture {
	c := &capture{output: of.Output, both: tail{limit: maxOutput}, errors: tail{limit: maxStderr}}
	c.stdout = hiding(of.Redactor, &stream{c: c})
	c.stderr = hiding(of.Redactor, &stream{c: c, isErr: true})
	if of.Stdout != nil {
		c.stdout = unclosed{of.Stdout}
	}
	return c
}

// hiding writes to a stream what has no secrets in it any more.
func hiding(r *value.Redactor, s *stream) io.WriteCloser {
	if r == nil {
		return s
	}
	return chain{r.Writer(s), s}
}

// unclosed is a writer that somebody else closes.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// close passes on what did not end with a line end. Both streams must have
// ended.
func (c *capture) close() {
	for _, s := range []io.Closer{c.stdout, c.stderr} {
		_ = s.Close() // these writers do not fail
	}
}

func (c *capture) emit(line []byte, isErr bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.both.add(line)
	if isErr {
		c.errors.add(line)
	}
	if c.output != nil {
		_, _ = c.output.Write(line) // whoever reads may have gone; the program goes on
	}
}

func (c *capture) result(state *os.ProcessState) Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := Result{ExitCode: -1, Output: c.both.text(), Truncated: c.both.cut, Stderr: c.errors.text(), ended: "an unknown state"}
	if state != nil {
		r.ExitCode, r.ended = state.ExitCode(), state.String()
	}
	return r
}

// stream cuts what is written into lines. A line without an end gets one when
// the stream is closed, so that the two streams never share a line.
type stream struct {
	c     *capture
	isErr bool
	buf   []byte
}

func (s *stream) Write(p []byte) (int, error) {
	s.buf = append(s.buf, p...)
	for {
		end := bytes.IndexByte(s.buf, '\n') + 1
		if end == 0 && len(s.buf) > maxLine {
			end = maxLine
		}
		if end == 0 {
			return len(p), nil
		}
		s.c.emit(s.buf[:end], s.isErr)
		s.buf = s.buf[end:]
	}
}

func (s *stream) Close() error {
	if len(s.buf) > 0 {
		s.c.emit(append(s.buf, '\n'), s.isErr)
		s.buf = nil
	}
	return nil
}

// chain writes to one writer and closes it before the one behind it.
type chain struct {
	io.WriteCloser
	next io.Closer
}

func (c chain) Close() error {
	err := c.WriteCloser.Close()
	if next := c.next.Close(); err == nil {
		err = next
	}
	return err
}

// tail keeps the end of a text.
type tail struct {
	limit int
	buf   []byte
	cut   bool
}

func (t *tail) add(p []byte) {
	t.buf = append(t.buf, p...)
	if len(t.buf) > 2*t.limit {
		t.trim()
	}
}

func (t *tail) trim() {
	if over := len(t.buf) - t.limit; over > 0 {
		t.buf = append([]byte(nil), t.buf[over:]...)
		t.cut = true
	}
}

// text returns at most limit bytes from the start of a line, as valid UTF-8.
func (t *tail) text() string {
	t.trim()
	out := t.buf
	if t.cut {
		if i := bytes.IndexByte(out, '\n'); i >= 0 && i+1 < len(out) {
			out = out[i+1:]
		}
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}
