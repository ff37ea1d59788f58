package landing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/runtime/value"
)

// StagingDir discards what earlier attempts have staged for a job and returns
// the absolute path of a new, empty folder for a program to write into. Every
// call gives another one, so that a program left over from an attempt that was
// killed writes into a folder nobody looks at.
func (l *Lander) StagingDir(j Job) (string, error) {
	op := "make a staging folder for " + j.Courier + " of " + j.Run
	work := stagingDir(j.Run, j.Courier)
	if err := l.discard(work); err != nil {
		return "", diskFault(op, err)
	}
	dir := path.Join(work, "tree-"+strings.ToLower(rand.Text()[:10]))
	if err := l.makeStaging(dir); err != nil {
		return "", diskFault(op, err)
	}
	return l.Path(dir), nil
}

// LandTree lands everything that a program has written into a folder given by
// [Lander.StagingDir], and returns it as Land does. Where the job has landed
// already, that stands and the folder is discarded: such a courier lands once a
// run. What is neither a folder nor a regular file is Failed, since leaving it
// out would lose data silently. With an error nothing has landed and the folder
// is gone.
func (l *Lander) LandTree(ctx context.Context, j Job, dir string) ([]File, error) {
	op := "land " + j.Courier + " of " + j.Run
	work := stagingDir(j.Run, j.Courier)
	tree, err := filepath.Rel(l.Path(work), dir)
	if err != nil || !filepath.IsLocal(tree) || tree == "." {
		return nil, value.Failed.Errorf(op, "%s is not a staging folder of this job", dir)
	}
	files, done, err := l.Landed(j)
	if err == nil && !done {
		var found []staged
		if found, err = l.gather(ctx, j, path.Join(work, filepath.ToSlash(tree))); err == nil {
			files, err = l.commit(j, nil, work, found)
		}
	}
	_ = l.discard(work) // landed or not, the next attempt begins with an empty folder
	if err != nil {
		return nil, wrap(op, err)
	}
	return files, nil
}

// gather hashes every file of a tree and writes it through to the disk.
func (l *Lander) gather(ctx context.Context, j Job, tree string) ([]staged, error) {
	var out []staged
	buf := make([]byte, chunk)
	err := fs.WalkDir(l.root.FS(), tree, func(name string, e fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(name, tree+"/")
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return value.Interrupted(ctx, "read what the program wrote")
		case e.IsDir():
			return nil
		case !e.Type().IsRegular():
			return value.Failed.Errorf("read what the program wrote", "%q is not a regular file; a program must write files and folders only", rel)
		case !utf8.ValidString(rel):
			return value.Failed.Errorf("read what the program wrote", "the name %q is not UTF-8; give the file another name", rel)
		}
		f, err := l.seal(name, buf)
		if err != nil {
			return err
		}
		f.File.File, f.Path, f.Source = Data, rel, j.Source
		f.URL = path.Join(l.Dir(j), Data, rel)
		out = append(out, f)
		return nil
	})
	return out, err
}

func (l *Lander) seal(name string, buf []byte) (staged, error) {
	f, err := l.root.Open(name)
	if err != nil {
		return staged{}, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return staged{}, err
	}
	sum := sha256.New()
	size, err := io.CopyBuffer(sum, struct{ io.Reader }{f}, buf)
	if err == nil {
		err = l.sync(f, name)
	}
	if err != nil {
		return staged{}, err
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	return staged{at: name, File: File{Size: size, SHA256: digest, Version: "sha256:" + digest, Modified: info.ModTime().UTC()}}, nil
}
