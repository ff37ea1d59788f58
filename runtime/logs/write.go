package logs

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// What is kept of an attempt at a task, in bytes of its file.
const (
	keptHead = 1 << 20
	keptTail = 256 << 10
)

// Writer takes the lines of one attempt at a task. What the disk does not take as
// fast as it comes waits in memory, as much as a file may have; of more the oldest
// lines behind its beginning are left out.
type Writer struct {
	mu              sync.Mutex
	front           []entry // what waits, up to the size of a beginning
	back            []entry // and what came after it, up to the size of an end
	inFront, inBack int
	closed          bool

	wake    chan struct{}
	written chan error
}

// entry is a line, with how many were left out before it.
type entry struct {
	line []byte
	lost int64
}

// Write begins to keep what one attempt at a task prints, behind what is there of
// it already. Every Write of the result is one line, or a piece of a long one; it
// never waits for the disk and never fails.
func (b *Book) Write(p Page) *Writer {
	w := &Writer{wake: make(chan struct{}, 1), written: make(chan error, 1)}
	k := &keeper{path: b.path(p), head: keptHead, tail: keptTail}
	go func() {
		for range w.wake {
			lines, closed := w.take()
			for _, e := range lines {
				k.add(e)
			}
			if closed {
				w.written <- k.finish()
				return
			}
		}
	}()
	return w
}

// layout is the instant before each line.
const layout = "2006-01-02T15:04:05.000000Z"

func (w *Writer) Write(p []byte) (int, error) {
	line := time.Now().UTC().AppendFormat(make([]byte, 0, len(layout)+len(p)+2), layout)
	line = append(append(line, ' '), p...)
	if line[len(line)-1] != '\n' {
		line = append(line, '\n')
	}
	w.mu.Lock()
	if len(w.back) == 0 && w.inFront+len(line) <= keptHead {
		w.front, w.inFront = append(w.front, entry{line: line}), w.inFront+len(line)
	} else {
		w.back, w.inBack = append(w.back, entry{line: line}), w.inBack+len(line)
	}
	for w.inBack > keptTail && len(w.back) > 1 {
		oldest := w.back[0]
		w.back[0] = entry{}
		w.back, w.inBack = w.back[1:], w.inBack-len(oldest.line)
		w.back[0].lost += oldest.lost + 1
	}
	w.mu.Unlock()
	w.nudge()
	return len(p), nil
}

func (w *Writer) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Writer) take() (lines []entry, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines = append(w.front, w.back...)
	w.front, w.back, w.inFront, w.inBack = nil, nil, 0, 0
	return lines, w.closed
}

// Close ends the file and returns what has kept it from being written. Nothing
// may be written afterwards.
func (w *Writer) Close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.nudge()
	return <-w.written
}

// keeper writes the beginning of what it is given as it comes, and the end when
// it is finished.
type keeper struct {
	path       string
	head, tail int64

	file *os.File
	size int64
	err  error // the first; nothing is written after it

	end     [][]byte // the last lines, which are not written yet
	endSize int64
	left    int64 // lines between the beginning and the end
}

func (k *keeper) add(e entry) {
	if k.left += e.lost; k.endSize == 0 {
		k.mark()
	}
	line := e.line
	if k.open(); k.endSize == 0 && k.size+int64(len(line)) <= k.head {
		k.put(line)
		return
	}
	k.end, k.endSize = append(k.end, line), k.endSize+int64(len(line))
	for k.endSize > k.tail && len(k.end) > 1 {
		k.left, k.endSize = k.left+1, k.endSize-int64(len(k.end[0]))
		k.end[0], k.end = nil, k.end[1:]
	}
}

// mark writes how many lines are not there.
func (k *keeper) mark() {
	if k.left == 0 {
		return
	}
	k.open()
	k.put(fmt.Appendf(nil, "%s [%d lines were left out here]\n", time.Now().UTC().Format(layout), k.left))
	k.left = 0
}

func (k *keeper) finish() error {
	k.mark()
	for _, line := range k.end {
		k.put(line)
	}
	if k.file != nil {
		if err := k.file.Close(); k.err == nil && err != nil {
			k.err = fmt.Errorf("close a log: %w", err)
		}
	}
	return k.err
}

func (k *keeper) open() {
	if k.file != nil || k.err != nil {
		return
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		k.err = fmt.Errorf("make the folder of a log: %w", err)
		return
	}
	file, err := os.OpenFile(k.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		k.err = fmt.Errorf("open a log: %w", err)
		return
	}
	if info, err := file.Stat(); err == nil {
		k.size = info.Size()
	}
	k.file = file
}

func (k *keeper) put(line []byte) {
	if k.err != nil {
		return
	}
	n, err := k.file.Write(line)
	k.size += int64(n)
	if err != nil {
		k.err = fmt.Errorf("write a log: %w", err)
	}
}
