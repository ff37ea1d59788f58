package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/runtime/bucket"
)

// stuck answers what begins and ends an upload, and nothing that sends a part of it.
type stuck struct{}

func (stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	body, header := "", http.Header{}
	status := http.StatusOK
	switch {
	case r.Method == http.MethodDelete:
		status = http.StatusNoContent
	case q.Has("uploads"):
		body = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
	case q.Get("uploadType") == "resumable":
		header.Set("Location", "http://server/session")
	default:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}

// However many writes go on at once, a bucket reads no more of their files than its
// memory has room for.
func TestWritesShareTheMemoryOfABucket(t *testing.T) {
	t.Parallel()
	const part, room = 1 << 20, 8 << 20
	for name, open := range map[string]func(t *testing.T) (bucket.Store, error){
		"s3": func(t *testing.T) (bucket.Store, error) {
			return bucket.OpenS3(t.Context(), bucket.Access{URL: "s3://acme?region=x&path_style=true&endpoint=http://server", AccessKey: "key", SecretKey: "hidden"}, stall, part)
		},
		"gs": func(t *testing.T) (bucket.Store, error) {
			return bucket.OpenGS(bucket.Access{URL: "gs://acme?endpoint=http://server"}, stall, time.Millisecond, part)
		},
		"azblob": func(t *testing.T) (bucket.Store, error) {
			return bucket.OpenAzblob(bucket.Access{URL: "azblob://acme?endpoint=http://server/account", AccessKey: "account", SecretKey: azuriteKey}, stall, time.Millisecond, part)
		},
	} {
		for _, size := range []int64{-1, 5*part + 1, part / 2} {
			t.Run(fmt.Sprintf("%s, %d bytes", name, size), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, err := open(t)
					if err != nil {
						t.Fatal(err)
					}
					bucket.Through(s, stuck{})
					ctx, cancel := context.WithCancel(t.Context())
					var read atomic.Int64
					var writes sync.WaitGroup
					for i := range 40 {
						writes.Go(func() {
							left := int64(5*part + 1)
							if size >= 0 {
								left = size
							}
							r := readerFunc(func(p []byte) (int, error) {
								if left == 0 {
									return 0, io.EOF
								}
								n := min(int64(len(p)), left)
								left -= n
								read.Add(n)
								return int(n), nil
							})
							if _, err := s.Put(ctx, fmt.Sprint(i), r, bucket.PutOptions{Size: size}); !errors.Is(err, context.Canceled) {
								t.Errorf("error %v", err)
							}
						})
					}
					synctest.Wait()
					if got := read.Load(); got > room || got < room/2 {
						t.Errorf("%d KB are in memory, and there is room for %d", got>>10, room>>10)
					}
					cancel()
					writes.Wait()
				})
			})
		}
	}
}
