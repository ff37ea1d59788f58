package bucket

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Open asks for the version that was listed. The file is read until ctx ends, and
// compared with the checksum that Amazon's servers have.
func (b *s3Bucket) Open(ctx context.Context, o window.Object) (File, error) {
	op := "read " + o.Path + " of " + b.URL()
	if err := checkName(op, o.Path); err != nil {
		return nil, err
	}
	f := &resumed{ctx: ctx, op: op, object: o, stat: b.Stat}
	f.open = func(from int64) (io.ReadCloser, error) { return b.media(ctx, f, from) }
	var err error
	if f.body, err = f.open(0); err != nil {
		return nil, err
	}
	return f, nil
}

// media asks for the bytes of an object from one on, and notes what was opened.
func (b *s3Bucket) media(ctx context.Context, f *resumed, from int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &b.at.Host, Key: b.key(f.object.Path)}
	if !b.own {
		in.ChecksumMode = types.ChecksumModeEnabled
	}
	if f.object.ETag != "" {
		in.IfMatch = aws.String(`"` + f.object.ETag + `"`)
	}
	if from > 0 {
		in.Range, in.ChecksumMode = aws.String(fmt.Sprintf("bytes=%d-", from)), ""
	}
	out, err := b.client.GetObject(ctx, in)
	if err != nil {
		return nil, b.keyFault(ctx, f.op, err)
	}
	opened := window.Object{Path: f.object.Path, Size: f.object.Size, ModTime: aws.ToTime(out.LastModified).UTC(), ETag: tag(out.ETag)}
	if out.ContentLength != nil {
		opened.Size = from + *out.ContentLength
	}
	switch {
	case !isAny(f.object) && opened.Version() != f.object.Version():
		err = value.NotReady.Errorf(f.op, "it changed after it was listed")
	case from > 0 && !strings.HasPrefix(aws.ToString(out.ContentRange), fmt.Sprintf("bytes %d-", from)):
		err = value.SourceError.Errorf(f.op, "the connection broke off, and the server cannot go on where it was")
	}
	if err != nil {
		_ = out.Body.Close()
		return nil, err
	}
	f.object = opened
	return out.Body, nil
}

// Stat asks what stands at a path.
func (b *s3Bucket) Stat(ctx context.Context, name string) (window.Object, error) {
	op := "look up " + name + " of " + b.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.at.Host, Key: b.key(name)})
	if err != nil {
		return window.Object{}, b.keyFault(ctx, op, err)
	}
	return window.Object{
		Path: name, Size: aws.ToInt64(out.ContentLength), ModTime: aws.ToTime(out.LastModified).UTC(), ETag: tag(out.ETag),
	}, nil
}
