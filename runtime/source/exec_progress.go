package source

import (
	"context"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// restful is how many times longer than it took to look at a folder it is left alone
// then: a program may write very many files.
const restful = 20

// watch tells how much is in a folder, at first after a while and then that often,
// until ctx ends. It returns when nothing more is told.
func watch(ctx context.Context, dir string, every time.Duration, tell func(graph.Transfer)) {
	for pause := every; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		began := time.Now()
		if found := measure(ctx, dir); ctx.Err() == nil {
			tell(found)
		}
		pause = max(every, restful*time.Since(began))
	}
}

// measure counts the files in a folder and below it and what they have by now. Those
// that come or go meanwhile may count or not; what cannot be read does not.
func measure(ctx context.Context, dir string) (found graph.Transfer) {
	var newest time.Time
	_ = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return filepath.SkipAll
		}
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return nil // it is gone
		}
		found.Files++
		found.Bytes += info.Size()
		if info.ModTime().After(newest) {
			if rel, err := filepath.Rel(dir, name); err == nil {
				newest, found.File = info.ModTime(), filepath.ToSlash(rel)
			}
		}
		return nil
	})
	return found
}
