package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"golang.org/x/sync/errgroup"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	// azMark is the metadata by which a conditional write knows its own blob, whose
	// first answer was lost. Names of metadata have no hyphen here.
	azMark = "waybill_write"

	// azAtOnce is how many blocks are under way at once.
	azAtOnce = 3

	// azBlocks is how many blocks a blob may have, with room to spare.
	azBlocks = 49_000
)

// Put writes a blob: in one request where it fits in one part, else in blocks that
// become a blob together.
func (c *azContainer) Put(ctx context.Context, name string, r io.Reader, o PutOptions) (window.Object, error) {
	op := "write " + name + " to " + c.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	if o.IfAbsent { // before all of it is sent
		_, err := c.Stat(ctx, name)
		switch {
		case err == nil:
			return window.Object{}, value.Failed.Wrap(op, ErrExists)
		case value.FaultOf(err) != value.NotReady:
			return window.Object{}, err
		}
	}
	up := &azUpload{azContainer: c, name: name, ifAbsent: o.IfAbsent, mark: rand.Text(), sum: md5.New()}
	in := &contents{ctx: ctx, op: op, r: r, size: o.Size}
	err := up.send(ctx, in)
	if err != nil && o.IfAbsent && isInTheWay(err) {
		is, failed := c.blob(name).GetProperties(ctx, nil)
		switch {
		case failed == nil && text(is.Metadata[canonical(azMark)]) == up.mark:
			err = nil // the answer to an earlier attempt was lost
		case failed == nil:
			return window.Object{}, value.Failed.Wrap(op, ErrExists)
		}
	}
	if err != nil {
		return window.Object{}, c.fault(ctx, op, azToWrite, err)
	}
	return c.Stat(ctx, name)
}

// send reads a blob and sends it, whole or in blocks.
func (u *azUpload) send(ctx context.Context, in *contents) error {
	part := max(u.part, int((in.size+azBlocks-1)/azBlocks))
	first, err := u.room.take(ctx, firstOf(part, in.size))
	if err != nil {
		return err
	}
	n, ended, err := in.fill(first)
	if err == nil && !ended {
		return u.blocks(ctx, first, in)
	}
	if err == nil {
		err = u.whole(ctx, first[:n])
	}
	u.room.give(first, err)
	return err
}

// canonical is how the name of metadata comes back, as a part of a header.
func canonical(name string) string { return http.CanonicalHeaderKey(name) }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// isInTheWay reports the answers to a conditional write that another one was
// faster than.
func isInTheWay(err error) bool {
	status, _, _ := azAnswer(err)
	return status == http.StatusPreconditionFailed || bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.InvalidBlockList)
}

// azUpload is the write of one blob.
type azUpload struct {
	*azContainer
	name     string
	ifAbsent bool
	mark     string
	sum      hash.Hash // MD5 of all of it, which the server keeps for its readers
}

func (u *azUpload) conditions() *blob.AccessConditions {
	if !u.ifAbsent {
		return nil
	}
	any := azcore.ETagAny
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &any}}
}

func (u *azUpload) metadata() map[string]*string {
	if !u.ifAbsent {
		return nil
	}
	return map[string]*string{azMark: &u.mark}
}

func (u *azUpload) headers() *blob.HTTPHeaders {
	kind := "application/octet-stream"
	return &blob.HTTPHeaders{BlobContentType: &kind, BlobContentMD5: u.sum.Sum(nil)}
}

// checked makes the server compare what it receives.
func checked(content []byte) blob.TransferValidationType {
	sum := md5.Sum(content)
	return blob.TransferValidationTypeMD5(sum[:])
}

func (u *azUpload) whole(ctx context.Context, content []byte) error {
	_, _ = u.sum.Write(content)
	_, err := u.block(u.name).Upload(ctx, seekable{bytes.NewReader(content)}, &blockblob.UploadOptions{
		HTTPHeaders: u.headers(), Metadata: u.metadata(), AccessConditions: u.conditions(), TransactionalValidation: checked(content),
	})
	return err
}

// blocks sends a blob in blocks, some at once. Those of one that does not become
// whole nobody sees, and the server forgets them after a week. First is given back to
// the room.
func (u *azUpload) blocks(ctx context.Context, first []byte, rest *contents) error {
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(azAtOnce)
	var ids []string
	var err error
	for part, size := first, len(first); part != nil; {
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s-%06d", u.mark, len(ids)))
		ids = append(ids, id)
		_, _ = u.sum.Write(part)
		content := part
		group.Go(func() error {
			_, err := u.block(u.name).StageBlock(sending, id, seekable{bytes.NewReader(content)}, &blockblob.StageBlockOptions{TransactionalValidation: checked(content)})
			u.room.give(content, err)
			return err
		})
		if rest.size < 0 && len(ids)%(azBlocks/16) == 0 {
			size *= 2 // so that the blocks suffice
		}
		part, err = u.next(sending, size, rest)
	}
	if failed := group.Wait(); failed != nil {
		return failed // it is why the reading ended
	}
	if err != nil {
		return err
	}
	_, err = u.block(u.name).CommitBlockList(ctx, ids, &blockblob.CommitBlockListOptions{
		HTTPHeaders: u.headers(), Metadata: u.metadata(), AccessConditions: u.conditions(),
	})
	return err
}

// next reads the next block; there is none at the end.
func (u *azUpload) next(ctx context.Context, size int, rest *contents) ([]byte, error) {
	part, err := u.room.take(ctx, size)
	if err != nil {
		return nil, err
	}
	n, _, err := rest.fill(part)
	if err != nil || n == 0 {
		u.room.give(part, nil)
		return nil, err
	}
	return part[:n], nil
}

// Remove removes blobs, with their snapshots.
func (c *azContainer) Remove(ctx context.Context, names ...string) error {
	for _, name := range names {
		op := "remove " + name + " from " + c.URL()
		if err := checkName(op, name); err != nil {
			return err
		}
		snapshots := blob.DeleteSnapshotsOptionTypeInclude
		_, err := c.blob(name).Delete(ctx, &blob.DeleteOptions{DeleteSnapshots: &snapshots})
		if err != nil && !bloberror.HasCode(err, bloberror.BlobNotFound) {
			return c.fault(ctx, op, azToWrite, err)
		}
	}
	return nil
}

// Sweep has nothing to do: blocks that become no blob the server forgets after a week.
func (c *azContainer) Sweep(context.Context, ...Unfinished) error { return nil }
