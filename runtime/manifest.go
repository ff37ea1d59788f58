package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// readManifests reads producers' lists of files. One that has gone meanwhile is
// left out; one that cannot be read is a fault of the source.
func readManifests(ctx context.Context, from bucket.Bucket, objects []window.Object) (map[string]graph.Manifest, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	all := map[string]graph.Manifest{}
	for _, o := range objects {
		if ctx.Err() != nil {
			return nil, value.Interrupted(ctx, "read "+o.Path)
		}
		m, err := readManifest(ctx, from, o)
		switch {
		case value.FaultOf(err) == value.NotReady:
		case err != nil:
			return nil, err
		default:
			all[o.Path] = m
		}
	}
	return all, nil
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
