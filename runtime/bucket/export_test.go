package bucket

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/waybill-dev/waybill/lang/graph"
)

// OpenS3 opens a bucket whose connections may stand still for so long, and whose
// parts have so many bytes.
func OpenS3(ctx context.Context, a Access, stall time.Duration, part int64) (Store, error) {
	at, err := graph.ParseStorage(a.URL)
	if err != nil {
		return nil, err
	}
	b, err := newS3(ctx, at, a, stall)
	if err == nil {
		b.part, b.room, b.pause = part, newRoom(roomParts, int(part)), time.Millisecond
	}
	return b, err
}

// Through has the requests of a store answered by something else than a server.
func Through(s Store, answers http.RoundTripper) {
	switch s := s.(type) {
	case *s3Bucket:
		s.client = s3.New(s.client.Options(), func(o *s3.Options) { o.HTTPClient = &http.Client{Transport: answers} })
	case *gsBucket:
		s.http.Transport = answers
	case *azContainer:
		s.http.Transport = answers
	}
}

// AsAmazons speaks to the server of a bucket as to Amazon's own, with checksums of
// what is sent and read.
func AsAmazons(s Store) {
	b := s.(*s3Bucket)
	b.own = false
	b.client = s3.New(b.client.Options(), func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
	})
}
