package landing

import (
	"io/fs"
	"path"
	"time"
)

// commit moves staged files to their place and then writes the manifest, which
// makes them landed. Before that, an error takes back what was moved.
func (l *Lander) commit(j Job, landed *Manifest, work string, files []staged) ([]File, error) {
	dir := l.Dir(j)
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i := range files {
		files[i].LandedAt = now
	}
	all := landed.with(files)
	moved, err := l.place(dir, files)
	if err == nil && landed == nil {
		err = l.removeStrays(dir, files)
	}
	if err == nil {
		dirs := []string{dir}
		for _, f := range files {
			dirs = append(dirs, path.Dir(f.URL))
		}
		err = l.syncDirs(dirs...)
	}
	if err == nil {
		m := Manifest{FormatVersion: FormatVersion, Run: j.Run, Group: j.Group, Courier: j.Courier, Range: j.Range, Files: all}
		err = l.writeJSON(work, path.Join(dir, manifestName), m)
	}
	if err != nil {
		l.takeBack(dir, moved)
		return nil, err
	}
	// The manifest is there: a failure now must not take its files away.
	return all, l.syncDirs(dir)
}

// place moves staged files to their place and returns those that had nothing
// in theirs before, also with an error.
func (l *Lander) place(dir string, files []staged) (moved []string, err error) {
	if err := l.mkdirAll(dir); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := l.mkdirAll(path.Dir(f.URL)); err != nil {
			return moved, err
		}
		_, absent := l.root.Lstat(f.URL)
		if err := l.rename(f.at, f.URL); err != nil {
			return moved, err
		}
		if absent != nil {
			moved = append(moved, f.URL)
		}
	}
	return moved, nil
}

// removeStrays removes what an attempt that never got as far as its manifest
// has left beside what is landing now.
func (l *Lander) removeStrays(dir string, files []staged) error {
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.URL] = true
	}
	return fs.WalkDir(l.root.FS(), dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || wanted[name] {
			return err
		}
		return l.root.Remove(name)
	})
}

// takeBack removes files that were moved to their place and the folders that
// are empty then. The next attempt removes what cannot be removed now.
func (l *Lander) takeBack(dir string, moved []string) {
	for _, name := range moved {
		_ = l.root.Remove(name)
		for up := path.Dir(name); up != dir; up = path.Dir(up) {
			_ = l.root.Remove(up)
		}
	}
	_ = l.root.Remove(dir)
}
