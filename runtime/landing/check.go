package landing

import (
	"crypto/md5" // finds accidents, not attacks: producers list it
	"encoding/hex"
	"hash"
	"path"
	"strings"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// inspector watches a file go by while it is copied, for what its manifest says
// of it besides its SHA-256, which is worked out of every file.
type inspector struct {
	check *window.Check
	md5   hash.Hash // nil: the manifest does not say
	rows  *rows     // nil: it does not say, or the file is not one of rows
}

func newInspector(file string, c *window.Check) *inspector {
	i := &inspector{check: c}
	if c == nil {
		return i
	}
	if c.MD5 != "" {
		i.md5 = md5.New()
	}
	if c.Rows != nil {
		i.rows = rowsOf(file)
	}
	return i
}

func (i *inspector) write(p []byte) {
	if i.md5 != nil {
		_, _ = i.md5.Write(p) // a hash never fails
	}
	if i.rows != nil {
		i.rows.write(p)
	}
}

// compare reports what is not as the manifest says, as a SourceError that names
// both.
func (i *inspector) compare(op string, size int64, sum string) error {
	c := i.check
	if c == nil {
		return nil
	}
	differs := func(what, is, says any) error {
		return value.SourceError.Errorf(op, "its %s is %v, and the manifest %s says %v", what, is, c.Manifest, says)
	}
	if c.Size != nil && *c.Size != size {
		return differs("size", size, *c.Size)
	}
	if c.SHA256 != "" && c.SHA256 != sum {
		return differs("sha256", sum, c.SHA256)
	}
	if i.md5 != nil {
		if sum := hex.EncodeToString(i.md5.Sum(nil)); sum != c.MD5 {
			return differs("md5", sum, c.MD5)
		}
	}
	if i.rows != nil && !i.rows.are(*c.Rows) {
		return differs("number of rows", i.rows.count(), *c.Rows)
	}
	return nil
}

// rows counts the lines of a text. In comma-separated values a line break between
// quotes is none, and the first line may be a header.
type rows struct {
	quotes, header   bool
	lines            int64
	quoted, unbroken bool
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
	for _, b := range p {
		switch {
		case b == '"' && r.quotes:
			r.quoted = !r.quoted
			r.unbroken = true
		case b == '\n' && !r.quoted:
			r.lines++
			r.unbroken = false
		default:
			r.unbroken = true
		}
	}
}

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
