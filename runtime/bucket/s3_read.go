package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// s3Resumes is how often in a row a transfer that breaks off is taken up where it
// was, without a byte in between.
const s3Resumes = 3

// Open asks for the version that was listed. The file is read until ctx ends.
func (b *s3Bucket) Open(ctx context.Context, o window.Object) (File, error) {
	f := &s3File{ctx: ctx, bucket: b, op: "read " + o.Path + " of " + b.URL(), object: o}
	if err := checkName(f.op, o.Path); err != nil {
		return nil, err
	}
	if err := f.open(0); err != nil {
		return nil, err
	}
	return f, nil
}

// s3File is an object that is open for reading.
type s3File struct {
	ctx    context.Context
	bucket *s3Bucket
	op     string
	object window.Object
	body   io.ReadCloser
	read   int64
	breaks int // in a row
}

// open asks for the object from a byte on.
func (f *s3File) open(from int64) error {
	in := &s3.GetObjectInput{Bucket: &f.bucket.at.Host, Key: f.bucket.key(f.object.Path)}
	if !f.bucket.own {
		in.ChecksumMode = types.ChecksumModeEnabled
	}
	if f.object.ETag != "" {
		in.IfMatch = aws.String(`"` + f.object.ETag + `"`)
	}
	if from > 0 {
		in.Range, in.ChecksumMode = aws.String(fmt.Sprintf("bytes=%d-", from)), ""
	}
	out, err := f.bucket.client.GetObject(f.ctx, in)
	if err != nil {
		return f.bucket.fault(f.ctx, f.op, err)
	}
	opened := window.Object{Path: f.object.Path, Size: f.object.Size, ModTime: aws.ToTime(out.LastModified).UTC(), ETag: tag(out.ETag)}
	if out.ContentLength != nil {
		opened.Size = from + *out.ContentLength
	}
	switch {
	case !isAny(f.object) && opened.Version() != f.object.Version():
		err = value.NotReady.Errorf(f.op, "it changed after it was listed")
	case from > 0 && aws.ToString(out.ContentRange) == "":
		err = value.SourceError.Errorf(f.op, "the connection broke off, and the server cannot go on where it was")
	}
	if err != nil {
		_ = out.Body.Close()
		return err
	}
	f.body, f.object = out.Body, opened
	return nil
}

// Read goes on where a transfer has broken off.
func (f *s3File) Read(p []byte) (int, error) {
	for {
		n, err := f.body.Read(p)
		f.read += int64(n)
		if n > 0 {
			f.breaks = 0
		}
		switch {
		case errors.Is(err, io.EOF) && f.read < f.object.Size:
			err = io.ErrUnexpectedEOF
		case err == nil || errors.Is(err, io.EOF):
			return n, err
		}
		if n > 0 {
			return n, nil // the error comes again
		}
		if f.ctx.Err() != nil {
			return 0, value.Interrupted(f.ctx, f.op)
		}
		if f.breaks++; f.breaks > s3Resumes || f.read == 0 && f.breaks > 1 || !breaksOff(err) {
			return 0, value.SourceError.Errorf(f.op, "the transfer broke off after %d of %d bytes: %w", f.read, f.object.Size, err)
		}
		_ = f.body.Close()
		if err := f.open(f.read); err != nil {
			f.body = io.NopCloser(failing{err})
			return 0, err
		}
	}
}

// failing is a body that is not there.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (f *s3File) Object() window.Object { return f.object }

func (f *s3File) Close() error { return f.body.Close() }

func (f *s3File) Stat(ctx context.Context) (window.Object, error) {
	return f.bucket.Stat(ctx, f.object.Path)
}

// Stat asks what stands at a path.
func (b *s3Bucket) Stat(ctx context.Context, name string) (window.Object, error) {
	op := "look up " + name + " of " + b.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.at.Host, Key: b.key(name)})
	if err != nil {
		return window.Object{}, b.fault(ctx, op, err)
	}
	return window.Object{
		Path: name, Size: aws.ToInt64(out.ContentLength), ModTime: aws.ToTime(out.LastModified).UTC(), ETag: tag(out.ETag),
	}, nil
}
