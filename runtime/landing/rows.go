package landing

import (
	"bytes"
	"path"
	"strings"
)

// rows counts the lines of a text. In comma-separated values a line break between
// quotes is none, and the first line may be a header. A quote opens where a field
// begins, and is a character like others within one that began without.
type rows struct {
	quotes, header   bool
	lines            int64
	quoted, unbroken bool
	within           bool // a field that began without a quote
	begun            bool
}

// rowsOf is nil for a file that is not known to have a row on each line.
func rowsOf(file string) *rows {
	switch strings.ToLower(path.Ext(file)) {
	case ".csv", ".tsv":
		return &rows{quotes: true, header: true}
	case ".jsonl", ".ndjson":
		return &rows{}
	}
	return nil
}

func (r *rows) write(p []byte) {
	if len(p) == 0 {
		return
	}
	ends := p[len(p)-1] == '\n'
	if !r.begun {
		r.begun = true
		p = bytes.TrimPrefix(p, byteOrderMark)
	}
	for r.quotes {
		next := bytes.IndexByte(p, '"')
		if next < 0 {
			break
		}
		r.pass(p[:next])
		r.quoted = !r.quoted && !r.within
		p = p[next+1:]
	}
	r.pass(p)
	r.unbroken = !ends || r.quoted
}

// pass counts text without quotes.
func (r *rows) pass(p []byte) {
	if r.quoted || len(p) == 0 {
		return
	}
	r.lines += int64(bytes.Count(p, newline))
	r.within = bytes.IndexByte(fieldEnds, p[len(p)-1]) < 0
}

var (
	newline       = []byte("\n")
	fieldEnds     = []byte("\r\n,;|\t ")
	byteOrderMark = []byte("\ufeff")
)

// count is the number of lines, a last one without line break included.
func (r *rows) count() int64 {
	if r.unbroken {
		return r.lines + 1
	}
	return r.lines
}

// are reports whether there are so many rows, a header counted or not.
func (r *rows) are(n int64) bool {
	return r.count() == n || r.header && r.count()-1 == n
}
