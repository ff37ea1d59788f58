package bucket

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// azObject describes a blob. Its ETag is kept without quotes.
func azObject(name string, size *int64, at *time.Time, etag *azcore.ETag) window.Object {
	o := window.Object{Path: name}
	if size != nil {
		o.Size = *size
	}
	if at != nil {
		o.ModTime = at.UTC()
	}
	if etag != nil {
		o.ETag = strings.Trim(string(*etag), `"`)
	}
	return o
}

// Extent is the prefixes of a scope: nothing else is asked for.
func (c *azContainer) Extent(s Scope) Scope { return byPrefix(s) }

// List returns the blobs below the prefixes of a scope, page by page. Names that
// are no path of a file are left out, and so are folders, which accounts with a
// hierarchy name like blobs.
func (c *azContainer) List(ctx context.Context, s Scope) ([]window.Object, error) {
	op := "list " + c.URL()
	if err := checkScope(op, s); err != nil {
		return nil, err
	}
	var found []window.Object
	for _, prefix := range byPrefix(s).Prefixes {
		prefix = c.prefix + prefix
		pages := c.client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix, Include: container.ListBlobsInclude{Metadata: true}})
		for pages.More() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, c.fault(ctx, op, azToRead, err)
			}
			if page.Segment == nil {
				return nil, value.SourceError.Errorf(op, "the answer is no list of Azure Blob Storage")
			}
			for _, b := range page.Segment.BlobItems {
				if b.Name == nil || b.Properties == nil || isFolder(b.Metadata) {
					continue
				}
				name, ok := strings.CutPrefix(*b.Name, c.prefix)
				if ok && fs.ValidPath(name) && name != "." {
					found = append(found, azObject(name, b.Properties.ContentLength, b.Properties.LastModified, b.Properties.ETag))
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b window.Object) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(found, func(a, b window.Object) bool { return a.Path == b.Path }), nil
}

func isFolder(metadata map[string]*string) bool {
	for name, text := range metadata {
		if strings.EqualFold(name, "hdi_isfolder") && text != nil && strings.EqualFold(*text, "true") {
			return true
		}
	}
	return false
}

// Stat asks what stands at a path.
func (c *azContainer) Stat(ctx context.Context, name string) (window.Object, error) {
	op := "look up " + name + " of " + c.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	is, err := c.blob(name).GetProperties(ctx, nil)
	if err != nil {
		return window.Object{}, c.fault(ctx, op, azToRead, err)
	}
	return azObject(name, is.ContentLength, is.LastModified, is.ETag), nil
}

// Open asks for the version that was listed. The file is read until ctx ends, and
// compared with the checksum that the server has, where it has one.
func (c *azContainer) Open(ctx context.Context, o window.Object) (File, error) {
	op := "read " + o.Path + " of " + c.URL()
	if err := checkName(op, o.Path); err != nil {
		return nil, err
	}
	f := &resumed{ctx: ctx, op: op, object: o, stat: c.Stat}
	f.open = func(from int64) (io.ReadCloser, error) {
		body, err := c.media(ctx, f, from)
		return body, c.fault(ctx, op, azToRead, err)
	}
	var err error
	if f.body, err = f.open(0); err != nil {
		return nil, err
	}
	return f, nil
}

// media asks for the bytes of a blob from one on. The first time it notes what was
// opened.
func (c *azContainer) media(ctx context.Context, f *resumed, from int64) (io.ReadCloser, error) {
	options := &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: from}}
	if f.object.ETag != "" {
		etag := azcore.ETag(`"` + f.object.ETag + `"`)
		options.AccessConditions = &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: &etag}}
	}
	out, err := c.blob(f.object.Path).DownloadStream(ctx, options)
	if err != nil {
		return nil, err
	}
	switch {
	case from > 0 && (out.ContentRange == nil || !strings.HasPrefix(*out.ContentRange, fmt.Sprintf("bytes %d-", from))):
		err = value.SourceError.Errorf(f.op, "the connection broke off, and the server cannot go on where it was")
	case from == 0:
		opened := azObject(f.object.Path, out.ContentLength, out.LastModified, out.ETag)
		if !isAny(f.object) && opened.Version() != f.object.Version() {
			err = value.NotReady.Errorf(f.op, "it changed after it was listed")
		}
		if f.object = opened; len(out.ContentMD5) == md5.Size {
			f.sum, f.want = md5.New(), string(out.ContentMD5)
		}
	}
	if err != nil {
		_ = out.Body.Close()
		return nil, err
	}
	return out.Body, nil
}
