package bucket_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// s3Server is an S3 server of this process whose answers a test may spoil.
type s3Server struct {
	*httptest.Server
	objects *s3mem.Backend
}

// serveS3 starts a server with the bucket acme. Before may answer a request in its
// place, and then returns true.
func serveS3(t *testing.T, before func(http.ResponseWriter, *http.Request) bool) *s3Server {
	t.Helper()
	s := &s3Server{objects: s3mem.New()}
	if err := s.objects.CreateBucket("acme"); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(s.objects, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before != nil && before(w, r) {
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// url is that of a folder of the server's bucket.
func (s *s3Server) url(folder string) string {
	return "s3://acme/" + folder + "?region=eu-central-1&path_style=true&endpoint=" + s.URL
}

// fill puts small objects into the bucket, without a request.
func (s *s3Server) fill(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if _, err := s.objects.PutObject("acme", key, nil, bytes.NewReader([]byte(key)), int64(len(key)), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// stall is how long a connection of these tests may stand still.
const stall = 10 * time.Second

// openS3 opens a folder of the server's bucket, with parts of the least size that
// servers take.
func openS3(t *testing.T, s *s3Server, folder string) bucket.Store {
	t.Helper()
	b, err := bucket.OpenS3(t.Context(), bucket.Access{URL: s.url(folder), AccessKey: "key", SecretKey: "hidden"}, stall, 5<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// TestS3Conforms holds the store to its contract, on the server of these tests or,
// under `make emulators`, on one that others wrote.
func TestS3Conforms(t *testing.T) {
	t.Parallel()
	if emulator := os.Getenv("WAYBILL_S3"); emulator != "" {
		conformToS3(t, emulator)
		return
	}
	for name, folder := range map[string]string{"a bucket": "", "a folder of one": "deep/er"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conform(t, func(t *testing.T) bucket.Store {
				t.Helper()
				s := serveS3(t, nil)
				if folder != "" {
					s.fill(t, "elsewhere", "deep/erin/x", "deep/er-too", "deep/er")
				}
				return openS3(t, s, folder)
			}, traits{names: []string{"back\\slash", ":colon", "a&b<c>"}, many: 300}) // more: TestS3ListsPages
		})
	}
}

// conformToS3 is TestS3Conforms in the bucket acme of another server.
func conformToS3(t *testing.T, server string) {
	var folders atomic.Int64
	for _, asAmazons := range []bool{false, true} {
		t.Run(fmt.Sprintf("as Amazon's %t", asAmazons), func(t *testing.T) {
			t.Parallel()
			conform(t, func(t *testing.T) bucket.Store {
				t.Helper()
				folder := fmt.Sprintf("%d-%d", time.Now().UnixNano(), folders.Add(1))
				b, err := bucket.OpenS3(t.Context(), bucket.Access{
					URL: "s3://acme/" + folder + "?region=us-east-1&path_style=true&endpoint=" + server, AccessKey: "waybill", SecretKey: "waybill-secret",
				}, stall, 5<<20)
				if err != nil {
					t.Fatal(err)
				}
				if asAmazons {
					bucket.AsAmazons(b)
				}
				return b
			}, traits{names: []string{"back\\slash", ":colon", "a&b<c>"}, many: 1_200})
		})
	}
}

// A list of many pages is whole, and a prefix asks for its own pages only.
func TestS3ListsPages(t *testing.T) {
	t.Parallel()
	var lists atomic.Int64
	s := serveS3(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Has("list-type") {
			lists.Add(1)
		}
		return false
	})
	var want []string
	for day := range 5 {
		for i := range 2_500 {
			want = append(want, fmt.Sprintf("2026/11/%02d/%04d.csv", day+1, i))
		}
	}
	s.fill(t, want...)
	b := openS3(t, s, "")
	if diff := cmp.Diff(want, paths(list(t, b, all()))); diff != "" || lists.Load() != 13 {
		t.Errorf("%d requests %s", lists.Load(), diff)
	}
	lists.Store(0)
	got := paths(list(t, b, bucket.Scope{Folders: []string{""}, Prefixes: []string{"2026/11/02/", "2026/11/02/1", "2026/11/04/00"}}))
	if diff := cmp.Diff(slices.Concat(want[2500:5000], want[7500:7600]), got); diff != "" || lists.Load() != 4 {
		t.Errorf("%d requests %s", lists.Load(), diff)
	}
}

func TestS3ConformsWithChecksums(t *testing.T) {
	t.Parallel()
	conform(t, func(t *testing.T) bucket.Store {
		t.Helper()
		b := openS3(t, serveS3(t, nil), "")
		bucket.AsAmazons(b)
		return b
	}, traits{many: 10})
}

func TestOpenS3(t *testing.T) {
	t.Parallel()
	for url, test := range map[string]struct{ is, says string }{
		"s3://acme":   {is: "s3://acme"},
		"s3://acme/a": {is: "s3://acme/a"},
		"s3://acme/a/?region=eu-west-1&endpoint=http://localhost:1&path_style=true": {is: "s3://acme/a?endpoint=http://localhost:1"},
		"s3://acme/a?profile=absent-profile":                                        {says: "absent-profile"},
		"s3://acme/a?regoin=x":                                                      {says: `no parameter "regoin"`},
		"s3://key:hidden@acme/a":                                                    {says: "open s3://acme/a: a URL of s3:// has no user"},
	} {
		b, err := bucket.Open(t.Context(), t.TempDir(), bucket.Access{URL: url})
		switch {
		case err == nil && b.URL() != test.is:
			t.Errorf("%s is %s", url, b.URL())
		case err != nil && (value.FaultOf(err) != value.Misconfigured || test.says == "" || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%s: error %v", url, err)
		case err == nil:
			_ = b.Close()
		}
	}
	_, err := bucket.Open(t.Context(), "", bucket.Access{URL: "s3://acme", AccessKey: "key"})
	if value.FaultOf(err) != value.Misconfigured {
		t.Errorf("half of the credentials: %v", err)
	}
}
