package source

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	checkpointName   = "checkpoint.json"
	checkpointFormat = 1
)

// checkpoint is what an attempt leaves for the next. It speaks of a file of
// records that lies beside it, and of nothing behind Size in it.
type checkpoint struct {
	Format int    `json:"format"`
	Key    string `json:"key"`  // of what was asked for
	File   string `json:"file"` // with the records
	Size   int64  `json:"size"`
	position
}

// keeper keeps the records that have come, and how far that is, in a folder that
// outlives the attempt. Each attempt writes a file of its own: one that was taken
// for dead may still be writing.
type keeper struct {
	dir     string
	key     string
	hidden  *veil
	extract extractor

	f    *os.File
	name string
	size int64         // of the pages that are done
	out  *bufio.Writer // to f
	at   position
}

const keepOp = "keep the pages that have come"

// openKept opens the folder, and goes on with what an earlier attempt has left in
// it of the same request.
func (p *puller) openKept() (*keeper, error) {
	k := &keeper{dir: p.Staging, key: p.key(), hidden: p.veil()}
	if p.Resume != nil {
		dir, err := p.Resume()
		if err != nil {
			return nil, err
		}
		k.dir = dir
	}
	old, err := k.load()
	if err != nil {
		return nil, value.Failed.Wrap(keepOp, err)
	}
	if err := k.create(); err != nil {
		return nil, value.Failed.Wrap(keepOp, err)
	}
	if old != nil {
		if err := k.take(old); err != nil {
			k.close()
			return nil, value.Failed.Wrap(keepOp, err)
		}
	}
	k.sweep()
	return k, nil
}

// key is the same for two requests that ask for the same.
func (p *puller) key() string {
	definition, err := json.Marshal(p.API)
	if err != nil { // it is plain data
		panic("source: write a rest_api: " + err.Error())
	}
	r := p.Values.Range
	return digest(strings.Join([]string{
		string(definition), p.shared.String(p.first.target), p.shared.String(p.first.body), p.Values.Time(r.Start), p.Values.Time(r.End),
	}, "\x00"))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// load reads the checkpoint; nil where there is none that can be used.
func (k *keeper) load() (*checkpoint, error) {
	text, err := os.ReadFile(filepath.Join(k.dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var c checkpoint
	if json.Unmarshal(text, &c) != nil || c.Format != checkpointFormat || c.Key != k.key || !filepath.IsLocal(c.File) {
		return nil, nil
	}
	if info, err := os.Stat(filepath.Join(k.dir, c.File)); err != nil || info.Size() < c.Size {
		return nil, nil
	}
	if c.Next, err = k.hidden.lift(c.Next); err != nil {
		return nil, nil
	}
	return &c, nil
}

// take copies the records of an earlier attempt.
func (k *keeper) take(c *checkpoint) error {
	old, err := os.Open(filepath.Join(k.dir, c.File))
	if err != nil {
		return err
	}
	defer func() { _ = old.Close() }()
	if _, err := io.CopyN(k.f, old, c.Size); err != nil {
		return err
	}
	k.size, k.at = c.Size, c.position
	return k.save()
}

func (k *keeper) create() (err error) {
	k.name = "records-" + strings.ToLower(rand.Text()[:10])
	k.f, err = os.OpenFile(filepath.Join(k.dir, k.name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		k.out = bufio.NewWriterSize(disk{k.f}, chunkSize)
	}
	return err
}

// sweep removes the files of earlier attempts. What cannot be removed is in
// nobody's way.
func (k *keeper) sweep() {
	names, _ := filepath.Glob(filepath.Join(k.dir, "records-*"))
	for _, name := range names {
		if filepath.Base(name) != k.name {
			_ = os.Remove(name)
		}
	}
}

func (k *keeper) close() { _ = k.f.Close() }

// rewind forgets what has come of the page that is being read.
func (k *keeper) rewind() error {
	k.out.Reset(disk{k.f})
	err := k.f.Truncate(k.size)
	if err == nil {
		_, err = k.f.Seek(k.size, io.SeekStart)
	}
	return value.Failed.Wrap(keepOp, err)
}

// advance counts the page that was read as done.
func (k *keeper) advance(at position) error {
	err := k.out.Flush()
	var size int64
	if err == nil {
		size, err = k.f.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		k.at, k.size = at, size
	}
	return value.Failed.Wrap(keepOp, err)
}

// save writes the pages that are done, and how far that is, through to the disk.
func (k *keeper) save() error {
	return value.Failed.Wrap(keepOp, k.write())
}

func (k *keeper) write() error {
	next, open := k.hidden.drop(k.at.Next)
	if !open {
		return nil // it would have to say what it may not; the checkpoint before stands
	}
	if err := k.out.Flush(); err != nil {
		return err
	}
	if err := k.f.Sync(); err != nil {
		return err
	}
	c := checkpoint{Format: checkpointFormat, Key: k.key, File: k.name, Size: k.size, position: k.at}
	c.Next = next
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	tmp := filepath.Join(k.dir, k.name+".checkpoint")
	if err := writeThrough(tmp, text); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(k.dir, checkpointName)); err != nil {
		return err
	}
	d, err := os.Open(k.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func writeThrough(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// drop removes the checkpoint: the next attempt begins with the first page.
func (k *keeper) drop() error {
	err := os.Remove(filepath.Join(k.dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return value.Failed.Wrap(keepOp, err)
}

// restart begins anew in the same attempt.
func (k *keeper) restart() error {
	k.at, k.size = position{}, 0
	return errors.Join(k.drop(), k.rewind())
}

// land puts the records of all pages into the staging folder. They stay where they
// are as well, since the landing may come to nothing.
func (k *keeper) land(staging string) error {
	if err := k.out.Flush(); err != nil {
		return value.Failed.Wrap(keepOp, err)
	}
	from, to := filepath.Join(k.dir, k.name), filepath.Join(staging, recordsName)
	if k.dir == staging {
		return value.Failed.Wrap(keepOp, errors.Join(os.Rename(from, to), k.drop()))
	}
	if os.Link(from, to) == nil {
		return nil
	}
	// Not every disk has links, and staging may be on another.
	if _, err := k.f.Seek(0, io.SeekStart); err != nil {
		return value.Failed.Wrap(keepOp, err)
	}
	w, err := os.Create(to)
	if err == nil {
		_, err = io.Copy(w, k.f)
		err = errors.Join(err, w.Close())
	}
	return value.Failed.Wrap(keepOp, err)
}

// veil takes the secrets of the request out of what a checkpoint says, and puts
// them back: many a URL of a next page repeats the key that the first has.
type veil struct {
	shared, own *value.Redactor
	get         func(string) (string, error)
	names       []string // of the secrets that the request uses
}

func (p *puller) veil() *veil {
	v := &veil{shared: p.shared, own: p.own, get: p.Values.Secrets.Get}
	all := [][]string{p.API.URL.Refs(), p.API.Body.Refs(), p.API.JSON.Refs(), p.API.BearerToken.Refs()}
	for _, x := range p.API.Headers {
		all = append(all, x.Refs())
	}
	for _, ref := range slices.Concat(all...) {
		if name, found := strings.CutPrefix(ref, "secret."); found && !slices.Contains(v.names, name) {
			v.names = append(v.names, name)
		}
	}
	slices.Sort(v.names)
	return v
}

// gap stands for a spelling of a secret in a checkpoint: a character that nobody
// uses.
func gap(secret, spelling int) string { return string(rune(0xe000 + 8*secret + spelling)) }

// drop replaces secrets by gaps. open is false where that cannot be done and
// undone.
func (v *veil) drop(text string) (hidden string, open bool) {
	hidden = text
	for n, name := range v.names {
		secret, err := v.get(name)
		if err != nil {
			return "", false
		}
		for i, spelling := range value.Spellings(secret) {
			hidden = strings.ReplaceAll(hidden, spelling, gap(n, i))
		}
	}
	back, err := v.lift(hidden)
	return hidden, err == nil && back == text && v.own.String(v.shared.String(hidden)) == hidden
}

// lift puts secrets back, as they are now.
func (v *veil) lift(text string) (string, error) {
	for n, name := range v.names {
		secret, err := v.get(name)
		if err != nil {
			return "", err
		}
		for i, spelling := range value.Spellings(secret) {
			text = strings.ReplaceAll(text, gap(n, i), spelling)
		}
	}
	return text, nil
}
