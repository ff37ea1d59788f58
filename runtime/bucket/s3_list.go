package bucket

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Extent is the prefixes of a scope: nothing else is asked for.
func (b *s3Bucket) Extent(s Scope) Scope { return byPrefix(s) }

// List returns the objects below the prefixes of a scope, page by page. Keys that
// are no path of a file, such as the "folder/" that some tools make, are left out.
func (b *s3Bucket) List(ctx context.Context, s Scope) ([]window.Object, error) {
	op := "list " + b.URL()
	if err := checkScope(op, s); err != nil {
		return nil, err
	}
	var found []window.Object
	for _, prefix := range byPrefix(s).Prefixes {
		pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{
			Bucket: &b.at.Host, Prefix: aws.String(b.prefix + prefix), EncodingType: types.EncodingTypeUrl,
		}, func(o *s3.ListObjectsV2PaginatorOptions) { o.StopOnDuplicateToken = true })
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, b.fault(ctx, op, err)
			}
			if found, err = b.page(found, page); err != nil {
				return nil, value.SourceError.Wrap(op, err)
			}
		}
	}
	slices.SortFunc(found, func(a, b window.Object) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(found, func(a, b window.Object) bool { return a.Path == b.Path }), nil
}

// page adds the objects of one page. A server that leaves off in the middle of a
// list without saying where it goes on would make files look missing.
func (b *s3Bucket) page(found []window.Object, page *s3.ListObjectsV2Output) ([]window.Object, error) {
	if aws.ToBool(page.IsTruncated) && aws.ToString(page.NextContinuationToken) == "" {
		return nil, fmt.Errorf("the server leaves off after %d files and does not say where it goes on", len(found)+len(page.Contents))
	}
	ahead := aheadOf(page)
	for _, o := range page.Contents {
		key := aws.ToString(o.Key)
		if page.EncodingType == types.EncodingTypeUrl {
			plain, err := url.QueryUnescape(key)
			if err != nil {
				return nil, fmt.Errorf("the server names a file %q, which it has not encoded as it says", key)
			}
			key = plain
		}
		name, ok := strings.CutPrefix(key, b.prefix)
		if !ok || !fs.ValidPath(name) || name == "." {
			b.leftOut.Add(1)
			continue
		}
		object := window.Object{Path: name, Size: aws.ToInt64(o.Size), ModTime: aws.ToTime(o.LastModified).UTC(), ETag: tag(o.ETag)}
		if object.ETag == "" { // the time identifies the version, and other answers have it in seconds
			object.ModTime = object.ModTime.Truncate(time.Second)
		} else {
			object.ModTime = object.ModTime.Add(-ahead)
		}
		found = append(found, object)
	}
	return found, nil
}

// leastAhead is the least difference of two clocks that is more than the way of an
// answer.
const leastAhead = 10 * time.Second

// aheadOf is how far the server's clock is ahead of ours, so that the age of its
// objects can be told by ours.
func aheadOf(page *s3.ListObjectsV2Output) time.Duration {
	theirs, told := middleware.GetServerTime(page.ResultMetadata)
	ours, known := middleware.GetResponseAt(page.ResultMetadata)
	ahead := theirs.Sub(ours).Round(time.Second)
	if !told || !known || ahead.Abs() < leastAhead {
		return 0
	}
	return ahead
}

// LeftOut is how many keys lists have left out.
func (b *s3Bucket) LeftOut() int { return int(b.leftOut.Load()) }

// tag is an ETag as it is kept, without the quotes that it has in a header.
func tag(quoted *string) string { return strings.Trim(aws.ToString(quoted), `"`) }
