package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// manifests keeps the producers' lists of files that were read, so that looks that
// follow one another read each version once where the source names versions: by
// size and time alone a list that was mended could not be told from the one
// before. The zero value is ready for use.
type manifests struct {
	mu    sync.Mutex
	known map[manifestVersion]graph.Manifest
	files int // that they list
}

type manifestVersion struct {
	at         location
	path, etag string
}

// How much is kept at most; then all of it is forgotten and read anew.
const (
	mostManifests     = 1000
	mostManifestFiles = 50_000
)

// get reads lists of files from a source, or takes them from what was read before.
// One that has gone meanwhile is left out; one that cannot be read is a fault of
// the source.
func (k *manifests) get(ctx context.Context, from bucket.Bucket, at location, objects []window.Object) (map[string]graph.Manifest, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	all := map[string]graph.Manifest{}
	for _, o := range objects {
		if ctx.Err() != nil {
			return nil, value.Interrupted(ctx, "read "+o.Path)
		}
		v := manifestVersion{at, o.Path, o.ETag}
		m, known := k.recall(v)
		var err error
		if !known {
			m, err = readManifest(ctx, from, o)
		}
		switch {
		case value.FaultOf(err) == value.NotReady:
			continue
		case err != nil:
			return nil, err
		}
		all[o.Path] = m
		if !known && o.ETag != "" {
			k.keep(v, m)
		}
	}
	return all, nil
}

func (k *manifests) recall(v manifestVersion) (graph.Manifest, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, known := k.known[v]
	return m, known
}

func (k *manifests) keep(v manifestVersion, m graph.Manifest) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= mostManifests || k.files+len(m.Files) > mostManifestFiles {
		k.known, k.files = map[manifestVersion]graph.Manifest{}, 0
	}
	k.known[v] = m
	k.files += len(m.Files)
}

func readManifest(ctx context.Context, from bucket.Bucket, o window.Object) (m graph.Manifest, err error) {
	r, err := from.Open(ctx, o)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	text, err := io.ReadAll(io.LimitReader(r, window.MaxManifest+1))
	switch {
	case err != nil:
		return m, value.SourceError.Wrap("read "+o.Path, err)
	case len(text) > window.MaxManifest:
		return graph.Manifest{Path: o.Path, Error: fmt.Sprintf("it is larger than %s", graph.Size(window.MaxManifest))}, nil
	}
	return window.ParseManifest(o.Path, text), nil
}
