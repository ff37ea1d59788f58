package bucket_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
)

// millionKeys are a thousand days of a thousand files.
func millionKeys() []string {
	keys := make([]string, 0, 1_000_000)
	for day := range 1_000 {
		for i := range 1_000 {
			keys = append(keys, fmt.Sprintf("%04d/orders-%04d.csv", day, i))
		}
	}
	return keys
}

// listKeys answers lists of sorted keys as S3 does, a thousand at a time.
func listKeys(keys []string, requests *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		q := r.URL.Query()
		prefix, token := q.Get("prefix"), q.Get("continuation-token")
		at := sort.SearchStrings(keys, prefix)
		if token != "" {
			at, _ = strconv.Atoi(token)
		}
		var page bytes.Buffer
		n := 0
		for ; n < 1_000 && at < len(keys) && strings.HasPrefix(keys[at], prefix); at++ {
			page.WriteString("<Contents><Size>1</Size><ETag>\"0123456789abcdef\"</ETag><LastModified>2026-11-21T00:00:00.000Z</LastModified><Key>")
			_ = xml.EscapeText(&page, []byte(keys[at]))
			page.WriteString("</Key></Contents>")
			n++
		}
		more := at < len(keys) && strings.HasPrefix(keys[at], prefix)
		_, _ = fmt.Fprintf(w, "<ListBucketResult><IsTruncated>%v</IsTruncated>", more)
		if more {
			_, _ = fmt.Fprintf(w, "<NextContinuationToken>%d</NextContinuationToken>", at)
		}
		_, _ = w.Write(append(page.Bytes(), "</ListBucketResult>"...))
	})
}

// BenchmarkS3List lists a day, and everything, of a bucket with a million keys.
func BenchmarkS3List(b *testing.B) {
	var requests atomic.Int64
	s := httptest.NewServer(listKeys(millionKeys(), &requests))
	defer s.Close()
	from, err := bucket.Open(b.Context(), "", bucket.Access{URL: "s3://acme?region=x&path_style=true&endpoint=" + s.URL, AccessKey: "key", SecretKey: "hidden"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	for name, test := range map[string]struct {
		scope bucket.Scope
		files int
	}{
		"day":        {bucket.Scope{Folders: []string{""}, Prefixes: []string{"0500/orders-"}}, 1_000},
		"one-file":   {bucket.Scope{Folders: []string{""}, Prefixes: []string{"0500/orders-0001.csv"}}, 1},
		"everything": {all(), 1_000_000},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			requests.Store(0)
			var got []window.Object
			for b.Loop() {
				if got, err = from.List(b.Context(), test.scope); err != nil || len(got) != test.files {
					b.Fatalf("%d files, %v", len(got), err)
				}
			}
			b.ReportMetric(float64(requests.Load())/float64(b.N), "requests/op")
		})
	}
}
