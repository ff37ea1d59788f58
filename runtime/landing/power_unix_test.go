//go:build unix

package landing_test

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestThePowerFailsWhileLanding lets the power fail before each change of the disk,
// and after the last. What was synchronised is there: of files their content, of
// folders the names in them; of the rest any part. Where a landing was said to be
// done, it is whole; and landing again makes it whole wherever the power failed.
func TestThePowerFailsWhileLanding(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	big := strings.Repeat("0123456789abcdef", 256)
	want := map[string]string{place + "orders/in/a": "one", place + "orders/in/deep/down/b": "two", place + "orders/in/big": big}
	items := job(put(t, dir, "in/a", "one"), put(t, dir, "in/deep/down/b", "two"), put(t, dir, "in/big", big))
	l := open(t, dir)
	p := &platter{root: filepath.Join(dir, "landing"), content: map[uint64]string{}, names: map[string]map[string]bool{}}
	var moments []platter
	l.SetFault(func(op, name string) error {
		moments = append(moments, p.moment(t))
		if op == "sync" {
			p.sync(t, name)
		}
		return nil
	})
	if _, err := l.Land(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	moments = append(moments, p.moment(t))
	chance := rand.New(rand.NewPCG(20261122, 4))
	for n, m := range moments {
		for range 10 {
			after := inMemory(t)
			m.restore(t, filepath.Join(after, "landing"), chance)
			l := open(t, after)
			_, done, err := l.Landed(t.Context(), items)
			if err != nil || n == len(moments)-1 && !done {
				t.Fatalf("after %d changes of %d: landed %v, %v", n, len(moments)-1, done, err)
			}
			if done {
				assertWhole(t, l, after, want)
			}
			if _, err := l.Land(t.Context(), items); err != nil {
				t.Fatalf("after %d changes: %v", n, err)
			}
			if diff := cmp.Diff(want, landed(t, filepath.Join(after, "landing"))); diff != "" {
				t.Fatalf("after %d changes of %d: %s", n, len(moments)-1, diff)
			}
		}
	}
}

// platter is what a disk has for certain. Names are those in the folder of the
// landing.
type platter struct {
	root    string
	content map[uint64]string          // of files that were synchronised, by inode
	names   map[string]map[string]bool // in folders that were synchronised
	now     map[string]seen            // of a moment: all that the programs see
}

// seen is a file or a folder as the programs see it.
type seen struct {
	inode  uint64
	text   string
	folder bool
}

// look is all that the programs see.
func (p *platter) look(t *testing.T) map[string]seen {
	t.Helper()
	all := map[string]seen{}
	err := filepath.WalkDir(p.root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		e := seen{inode: info.Sys().(*syscall.Stat_t).Ino, folder: d.IsDir()}
		if !e.folder {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			e.text = string(text)
		}
		short, err := filepath.Rel(p.root, name)
		all[filepath.ToSlash(short)] = e
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// moment is the platter as it is now.
func (p *platter) moment(t *testing.T) platter {
	t.Helper()
	return platter{root: p.root, content: maps.Clone(p.content), names: maps.Clone(p.names), now: p.look(t)}
}

// sync writes a file, or the names in a folder, through to the platter.
func (p *platter) sync(t *testing.T, name string) {
	t.Helper()
	name = path.Clean(name)
	all := p.look(t)
	e, found := all[name]
	if !found {
		t.Errorf("%s is synchronised, and is not there", name)
	}
	if !e.folder {
		p.content[e.inode] = e.text
		return
	}
	p.names[name] = map[string]bool{}
	for other := range all {
		if path.Dir(other) == name {
			p.names[name][path.Base(other)] = true
		}
	}
}

// restore writes what is left after the power has failed: what is on the platter,
// and of the rest any part.
func (p *platter) restore(t *testing.T, root string, chance *rand.Rand) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(p.now)) {
		e, at := p.now[name], filepath.Join(root, name)
		if name != "." && !p.names[path.Dir(name)][path.Base(name)] && chance.IntN(2) == 0 {
			continue
		}
		if _, err := os.Stat(filepath.Dir(at)); name != "." && err != nil {
			continue // its folder is gone
		}
		var err error
		if e.folder {
			err = os.Mkdir(at, 0o755)
		} else {
			err = os.WriteFile(at, []byte(p.left(e, chance)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// left is what is left of a file: where it was not synchronised, the beginning of
// it, with or without zeros in place of the rest.
func (p *platter) left(e seen, chance *rand.Rand) string {
	if text, certain := p.content[e.inode]; certain {
		return text
	}
	n := chance.IntN(len(e.text) + 1)
	if chance.IntN(2) == 0 {
		return e.text[:n]
	}
	return e.text[:n] + strings.Repeat("\x00", len(e.text)-n)
}

// inMemory is a folder in which to synchronise costs nothing, where there is one.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "waybill-landing")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
