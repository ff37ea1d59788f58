package bucket

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

const (
	// partSize is how much is sent at a time, for all but objects of more than 70 GB.
	partSize = 8 << 20

	// maxParts is how many parts an object may have, with room to spare: 10,000 at
	// every server.
	maxParts = 9_500

	// growEvery is after how many parts of an object of unknown size the parts
	// become twice as large, so that their number suffices.
	growEvery = 900

	// abortTime is how long a write that failed may take to take back its parts.
	abortTime = 30 * time.Second
)

// partOf is how large the parts of an object are at least.
func partOf(least, size int64) int64 { return max(least, (size+maxParts-1)/maxParts) }

// parts sends an object in parts. Those of one that does not become whole are taken
// back; what cannot be taken back nobody sees, and the bucket's own rules remove it.
// First is given back to the room.
func (u *upload) parts(ctx context.Context, first []byte, rest *contents) error {
	made, err := u.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &u.at.Host, Key: u.key(u.name), Metadata: map[string]string{writeMark: u.mark}, ChecksumAlgorithm: u.algorithm(),
	})
	if err != nil {
		u.room.give(first, nil)
		return err
	}
	ended := u.options.begun(Unfinished{Path: u.name, ID: aws.ToString(made.UploadId)})
	s := &sender{upload: u, id: made.UploadId, grows: rest.size < 0}
	if err = s.send(ctx, first, rest); err == nil {
		err = s.complete(ctx)
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
		defer cancel()
		if u.abort(ctx, Unfinished{Path: u.name, ID: aws.ToString(made.UploadId)}) == nil {
			ended()
		}
		return err
	}
	ended()
	return nil
}

// abort takes back the parts of an upload. One that the server does not know has
// none.
func (b *s3Bucket) abort(ctx context.Context, left Unfinished) error {
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.at.Host, Key: b.key(left.Path), UploadId: &left.ID})
	if _, code, _ := answer(err); code == "NoSuchUpload" {
		return nil
	}
	return err
}

// Sweep takes back the parts of uploads whose process has died.
func (b *s3Bucket) Sweep(ctx context.Context, left ...Unfinished) error {
	for _, u := range left {
		op := "take back what was sent of " + u.Path + " to " + b.URL()
		if err := checkName(op, u.Path); err != nil {
			return err
		}
		if err := b.abort(ctx, u); err != nil {
			return b.fault(ctx, op, err)
		}
	}
	return nil
}

// sender is the sending of parts.
type sender struct {
	*upload
	id    *string
	grows bool // the size is not known

	mu   sync.Mutex
	done []types.CompletedPart
}

// send reads part after part, while others are under way.
func (s *sender) send(ctx context.Context, first []byte, rest *contents) error {
	group, sending := errgroup.WithContext(ctx)
	var err error
	for n, next := 1, first; next != nil; n++ {
		part := next
		group.Go(func() error {
			err := s.sendPart(sending, n, part)
			s.room.give(part, err)
			return err
		})
		next, err = s.next(sending, n, len(first), rest)
	}
	if failed := group.Wait(); failed != nil {
		return failed // it is why the reading ended
	}
	return err
}

// next reads the part after the one of a number; there is none at the end.
func (s *sender) next(ctx context.Context, after, size int, rest *contents) ([]byte, error) {
	if s.grows {
		size <<= after / growEvery
	}
	part, err := s.room.take(ctx, size)
	if err != nil {
		return nil, err
	}
	n, _, err := rest.fill(part)
	if err != nil || n == 0 {
		s.room.give(part, nil)
		return nil, err
	}
	return part[:n], nil
}

func (s *sender) sendPart(ctx context.Context, n int, part []byte) error {
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.at.Host, Key: s.key(s.name), UploadId: s.id, PartNumber: aws.Int32(int32(n)),
		Body: bytes.NewReader(part), ContentLength: aws.Int64(int64(len(part))), ContentMD5: s.sum(part), ChecksumAlgorithm: s.algorithm(),
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, types.CompletedPart{
		PartNumber: aws.Int32(int32(n)), ETag: out.ETag,
		ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C, ChecksumCRC64NVME: out.ChecksumCRC64NVME,
		ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256,
	})
	return nil
}

// algorithm is that of the checksums of parts. Amazon's servers refuse parts that
// have one where the upload was not begun with it.
func (u *upload) algorithm() types.ChecksumAlgorithm {
	if u.own {
		return ""
	}
	return types.ChecksumAlgorithmCrc32
}

// complete makes one object of the parts.
func (s *sender) complete(ctx context.Context) error {
	slices.SortFunc(s.done, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	in := &s3.CompleteMultipartUploadInput{
		Bucket: &s.at.Host, Key: s.key(s.name), UploadId: s.id, IfNoneMatch: s.condition(),
		MultipartUpload: &types.CompletedMultipartUpload{Parts: s.done},
	}
	_, err := s.client.CompleteMultipartUpload(ctx, in)
	if s.options.IfAbsent && isUnknownCondition(err) {
		in.IfNoneMatch = nil
		_, err = s.client.CompleteMultipartUpload(ctx, in)
	}
	if status, _, _ := answer(err); status == http.StatusNotFound && s.isOwn(ctx) {
		return nil // the answer to an earlier attempt was lost
	}
	return err
}
