package landing

import (
	"crypto/md5" // finds accidents, not attacks: producers list it
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// tally is what is worked out of a file while it goes by.
type tally struct {
	size int64
	sha  hash.Hash
	md5  hash.Hash // nil: nobody asks for it
	rows *rows     // nil: the file is not known to have a row on each line
}

// newTally is that of a file with this name. check is what its producer's manifest
// says of it, nil where there is none.
func newTally(name string, check *window.Check) *tally {
	t := &tally{sha: sha256.New(), rows: rowsOf(name)}
	if check != nil && check.MD5 != "" {
		t.md5 = md5.New()
	}
	return t
}

func (t *tally) see(p []byte) {
	t.size += int64(len(p))
	_, _ = t.sha.Write(p) // a hash never fails
	if t.md5 != nil {
		_, _ = t.md5.Write(p)
	}
	if t.rows != nil {
		t.rows.write(p)
	}
}

func (t *tally) sum() string { return hex.EncodeToString(t.sha.Sum(nil)) }

// count is the number of rows, nil where the file is not one of rows.
// header says that the first line of CSV is known to be none.
func (t *tally) count(header bool) *int64 {
	if t.rows == nil {
		return nil
	}
	n := t.rows.count()
	if header && t.rows.header {
		n = max(n-1, 0)
	}
	return &n
}

// compare reports what is not as a producer's manifest says, as a SourceError that
// names both.
func (t *tally) compare(op string, c *window.Check) error {
	if c == nil {
		return nil
	}
	if c.Size != nil && *c.Size != t.size {
		return differs(op, c, "size", t.size, *c.Size)
	}
	if sum := t.sum(); c.SHA256 != "" && c.SHA256 != sum {
		return differs(op, c, "sha256", sum, c.SHA256)
	}
	if t.md5 != nil {
		if sum := hex.EncodeToString(t.md5.Sum(nil)); sum != c.MD5 {
			return differs(op, c, "md5", sum, c.MD5)
		}
	}
	return t.compareRows(op, c)
}

// compareRows is compare for the number of rows alone.
func (t *tally) compareRows(op string, c *window.Check) error {
	if c == nil || c.Rows == nil || t.rows == nil || t.rows.are(*c.Rows) {
		return nil
	}
	return differs(op, c, "number of rows", t.rows.count(), *c.Rows)
}

func differs(op string, c *window.Check, what string, is, says any) error {
	return value.SourceError.Errorf(op, "its %s is %v, and the manifest %s says %v", what, is, c.Manifest, says)
}
