package landing

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// What may come out of one archive, where nobody has written another limit. Nobody's
// data is compressed to a two-hundredth over gigabytes; a trap's is.
const (
	defaultUnpacked = 100e9
	maxRatio        = 200
	ratioFrom       = 1e9 // less than this may come out of anything

	maxEntries   = 100_000
	maxDepth     = 64
	maxName      = 1000     // bytes
	maxDirectory = 32 << 20 // bytes of a zip file's list of its files
)

// guard holds an archive to its limits.
type guard struct {
	op      string
	size    int64 // of the archive
	most    int64 // bytes out of it
	stated  bool  // that somebody has written
	out     int64
	entries int
	files   map[string]string // names in small letters, and as they are
	folders map[string]string
}

func newGuard(op string, i Item, size int64) guard {
	g := guard{op: op, size: size, most: i.MaxUnpacked, stated: i.MaxUnpacked > 0, files: map[string]string{}, folders: map[string]string{}}
	if !g.stated {
		g.most = defaultUnpacked
	}
	return g
}

// give notes that n more bytes came out.
func (g *guard) give(n int) error {
	g.out += int64(n)
	switch {
	case g.out > g.most:
		return value.SourceError.Errorf(g.op, "more than %s is in it; raise max_unpacked if that is right", graph.Size(g.most))
	case !g.stated && g.out > ratioFrom && g.out/maxRatio > g.size:
		return value.SourceError.Errorf(g.op, "more than %d times its size is in it, which looks like a trap; write max_unpacked if it is right", maxRatio)
	}
	return nil
}

// count notes one more entry.
func (g *guard) count() error {
	if g.entries++; g.entries > maxEntries {
		return value.SourceError.Errorf(g.op, "more than %d files and folders are in it", maxEntries)
	}
	return nil
}

// entry refuses the name of a file that would leave its place, or land on another.
func (g *guard) entry(name string) error {
	if err := g.count(); err != nil {
		return err
	}
	clean := path.Clean(name)
	switch {
	case !utf8.ValidString(name):
		return value.SourceError.Errorf(g.op, "the name %q in it is not UTF-8", name)
	case strings.HasPrefix(name, "/"), !fs.ValidPath(clean), clean == ".", strings.ContainsAny(name, "\x00"), hasDots(name):
		return value.SourceError.Errorf(g.op, "%q in it is not the path of a file inside it", name)
	case len(name) > maxName, strings.Count(clean, "/") >= maxDepth:
		return value.SourceError.Errorf(g.op, "%q in it is too long or too deep: %d bytes and %d folders are the most", name, maxName, maxDepth)
	}
	return g.alone(clean)
}

func hasDots(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return false
}

// alone refuses a file that has the name of another, or that of a folder of it, also
// where that is so only on disks that do not tell capital letters from small ones.
func (g *guard) alone(name string) error {
	twice := func(other string) error {
		return value.SourceError.Errorf(g.op, "%q and %q in it would land on one another", other, name)
	}
	low := strings.ToLower(name)
	if other, ok := g.files[low]; ok {
		return twice(other)
	}
	if other, ok := g.folders[low]; ok {
		return twice(other)
	}
	g.files[low] = name
	for up := path.Dir(name); up != "."; up = path.Dir(up) {
		low := strings.ToLower(up)
		if other, ok := g.files[low]; ok {
			return twice(other)
		}
		g.folders[low] = up
	}
	return nil
}

// metered holds what is decompressed to the limits of its guard.
type metered struct {
	*unpacker
	r io.Reader
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if over := m.guard.give(n); over != nil {
		return 0, over
	}
	return n, err
}

// budget bounds how much is read of a file until left is set to less than 0.
type budget struct {
	io.ReaderAt
	left int64
}

func (b *budget) ReadAt(p []byte, at int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			return 0, fmt.Errorf("its list of files has more than %s", graph.Size(maxDirectory))
		}
	}
	return b.ReaderAt.ReadAt(p, at)
}
