package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// writeMark is the metadata by which a conditional write knows its own object,
// whose first answer was lost.
const writeMark = "waybill-write"

// Put writes an object: in one request where it fits in one part, else in parts
// that become an object together.
func (b *s3Bucket) Put(ctx context.Context, name string, r io.Reader, o PutOptions) (window.Object, error) {
	op := "write " + name + " to " + b.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	if o.IfAbsent { // a server that ignores the condition is asked at least
		_, err := b.Stat(ctx, name)
		switch {
		case err == nil:
			return window.Object{}, value.Failed.Wrap(op, ErrExists)
		case value.FaultOf(err) != value.NotReady:
			return window.Object{}, err
		}
	}
	up := &upload{s3Bucket: b, op: op, name: name, options: o, mark: rand.Text()}
	in := &contents{ctx: ctx, op: op, r: r, size: o.Size}
	if err := up.send(ctx, in); err != nil {
		if err = up.outcome(ctx, err); err != nil {
			return window.Object{}, err
		}
	}
	return b.Stat(ctx, name)
}

// send reads an object and sends it, whole or in parts.
func (u *upload) send(ctx context.Context, in *contents) error {
	first, err := u.room.take(ctx, int(u.firstPart(in.size)))
	if err != nil {
		return err
	}
	n, ended, err := in.fill(first)
	if err == nil && !ended {
		return u.parts(ctx, first, in)
	}
	if err == nil {
		err = u.whole(ctx, first[:n])
	}
	u.room.give(first, err)
	return err
}

// firstPart is how much is read before it is known whether the object fits in one
// part: one byte more than the object has, or a whole part.
func (b *s3Bucket) firstPart(size int64) int64 {
	part := partOf(b.part, size)
	if size >= 0 && size < part {
		return size + 1
	}
	return part
}

// upload is the write of one object.
type upload struct {
	*s3Bucket
	op, name string
	options  PutOptions
	mark     string
}

// condition is what the object must not be for the write to go through.
func (u *upload) condition() *string {
	if u.options.IfAbsent {
		return aws.String("*")
	}
	return nil
}

func (u *upload) metadata() map[string]string {
	if u.options.IfAbsent {
		return map[string]string{writeMark: u.mark}
	}
	return nil
}

// sum is what a server other than Amazon's is to compare the content with. To
// Amazon's the client itself sends a checksum.
func (u *upload) sum(content []byte) *string {
	if !u.own {
		return nil
	}
	sum := md5.Sum(content)
	return aws.String(base64.StdEncoding.EncodeToString(sum[:]))
}

// whole sends an object in one request. One that another request for the same object
// is in the way of is made again: Amazon does not say then whether the object is there.
func (u *upload) whole(ctx context.Context, content []byte) error {
	for pause := u.pause; ; pause *= 2 {
		err := u.once(ctx, content)
		if !isConflict(err) || pause >= u.pause<<s3Conflicts || u.isOwn(ctx) {
			return err
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return err
		}
	}
}

func (u *upload) once(ctx context.Context, content []byte) error {
	in := &s3.PutObjectInput{
		Bucket: &u.at.Host, Key: u.key(u.name), Body: bytes.NewReader(content), ContentLength: aws.Int64(int64(len(content))),
		ContentMD5: u.sum(content), IfNoneMatch: u.condition(), Metadata: u.metadata(),
	}
	_, err := u.client.PutObject(ctx, in)
	if u.options.IfAbsent && isUnknownCondition(err) {
		in.IfNoneMatch, in.Body = nil, bytes.NewReader(content)
		_, err = u.client.PutObject(ctx, in)
	}
	return err
}

// isConflict reports the answer to a write while another one of the same object is
// under way: it may still go either way.
func isConflict(err error) bool {
	_, code, _ := answer(err)
	return code == "ConditionalRequestConflict"
}

// isUnknownCondition reports the answer of a server that knows no conditional
// writes.
func isUnknownCondition(err error) bool {
	status, code, _ := answer(err)
	return status == http.StatusNotImplemented || code == "NotImplemented"
}

// outcome says what an error of a write means.
func (u *upload) outcome(ctx context.Context, err error) error {
	status, _, _ := answer(err)
	exists := status == http.StatusPreconditionFailed
	switch {
	case u.options.IfAbsent && (exists || isConflict(err)) && u.isOwn(ctx):
		return nil
	case u.options.IfAbsent && exists:
		return value.Failed.Wrap(u.op, ErrExists)
	}
	return u.fault(ctx, u.op, err)
}

// isOwn reports whether the object that is in the way is the one that was to be
// written: the answer to an earlier attempt may have been lost.
func (u *upload) isOwn(ctx context.Context) bool {
	out, err := u.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &u.at.Host, Key: u.key(u.name)})
	return err == nil && out.Metadata[writeMark] == u.mark
}

// Remove removes objects, one by one: not every server can do it with several.
func (b *s3Bucket) Remove(ctx context.Context, names ...string) error {
	for _, name := range names {
		op := "remove " + name + " from " + b.URL()
		if err := checkName(op, name); err != nil {
			return err
		}
		if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.at.Host, Key: b.key(name)}); err != nil {
			return b.fault(ctx, op, err)
		}
	}
	return nil
}
