package bucket_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/value"
)

// refuse answers with an error of S3.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

func TestS3Refusals(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		status int
		fault  value.Fault
		says   string
	}{
		"AccessDenied":           {403, value.Misconfigured, "the server refuses it: 403 AccessDenied: no"},
		"SignatureDoesNotMatch":  {403, value.Misconfigured, "the server refuses it"},
		"NoSuchBucket":           {404, value.Misconfigured, "there is no bucket acme at http://"},
		"NoSuchPage":             {404, value.Misconfigured, "is that the address of a server that speaks S3?"},
		"PermanentRedirect":      {301, value.Misconfigured, "the bucket is in eu-west-9; write ?region="},
		"ExpiredToken":           {400, value.SourceError, "the server says 400 ExpiredToken"},
		"InvalidBucketName":      {400, value.Misconfigured, "does not take the request"},
		"InternalError":          {500, value.SourceError, "the server says 500 InternalError"},
		"SlowDown":               {503, value.SourceError, "the server says 503 SlowDown"},
		"MethodNotAllowed":       {405, value.Misconfigured, "does not take the request"},
		"RequestTimeTooSkewed":   {403, value.SourceError, "RequestTimeTooSkewed"},
		"AuthorizationMalformed": {418, value.SourceError, "418"},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := serveS3(t, func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("X-Amz-Bucket-Region", "eu-west-9")
				refuse(w, test.status, code, "no")
				return true
			})
			b := openS3(t, s, "")
			_, err := b.List(t.Context(), all())
			if value.FaultOf(err) != test.fault || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("list: %v", err)
			}
			if _, err := b.Open(t.Context(), window.Object{Path: "a"}); value.FaultOf(err) != test.fault && code != "NoSuchPage" || err == nil {
				t.Errorf("open: %v", err)
			}
			if _, err := b.Put(t.Context(), "a", strings.NewReader("a"), bucket.PutOptions{Size: 1}); value.FaultOf(err) != test.fault {
				t.Errorf("put: %v", err)
			}
		})
	}
}

// A server that is out for a moment is asked again.
func TestS3TriesAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := serveS3(t, func(w http.ResponseWriter, _ *http.Request) bool {
		if asked.Add(1) > 2 {
			return false
		}
		refuse(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		return true
	})
	s.fill(t, "a")
	if got := list(t, openS3(t, s, ""), all()); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// A server whose clock differs tells so, and is then asked by its clock. The age of
// files is told by ours.
func TestS3WithAnotherClock(t *testing.T) {
	t.Parallel()
	theirs := time.Now().Add(-3 * time.Hour)
	s := serveS3(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Date", theirs.UTC().Format(http.TimeFormat))
		sent, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err == nil && sent.Sub(theirs).Abs() < 15*time.Minute {
			_, _ = fmt.Fprintf(w, `<ListBucketResult><Contents><Key>a</Key><Size>1</Size><ETag>"x"</ETag><LastModified>%s</LastModified></Contents></ListBucketResult>`, theirs.UTC().Format(time.RFC3339))
			return true
		}
		refuse(w, http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
		return true
	})
	got := list(t, openS3(t, s, ""), all())
	if len(got) != 1 || time.Since(got[0].ModTime).Abs() > time.Minute {
		t.Errorf("what has just been written is of %v", got)
	}
}

// cutting lets the bodies of some answers break off after so many bytes.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

func TestS3GoesOnWhereATransferBrokeOff(t *testing.T) {
	t.Parallel()
	var times atomic.Int64
	content := strings.Repeat("0123456789", 100_000)
	s := serveCut(t, content, func(r *http.Request) int {
		if r.Method == http.MethodGet && times.Add(1) <= 4 {
			return 200_000
		}
		return len(content)
	})
	b := openS3(t, s, "")
	if got := read(t, b, list(t, b, all())[0]); got != content {
		t.Errorf("%d bytes, or others", len(got))
	}
}

// serveCut is a server with one file whose answers to requests for it break off.
func serveCut(t *testing.T, content string, after func(*http.Request) int) *s3Server {
	t.Helper()
	s := serveS3(t, nil)
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/file") {
			inner.ServeHTTP(&cutting{w, after(r)}, r)
			return
		}
		inner.ServeHTTP(w, r)
	})
	if _, err := s.objects.PutObject("acme", "file", nil, strings.NewReader(content), int64(len(content)), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// Bytes that are not those of the server are not taken, where it says which they are.
func TestS3Damage(t *testing.T) {
	t.Parallel()
	s := serveS3(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-Amz-Checksum-Crc32", "NhCmhg==") // of "hello"
		_, _ = io.WriteString(w, "hallo")
		return true
	})
	b := openS3(t, s, "")
	bucket.AsAmazons(b)
	f, err := b.Open(t.Context(), window.Object{Path: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	_, err = io.ReadAll(f)
	wantFault(t, err, value.SourceError, "checksum did not match")
}

func TestS3GivesUpOnATransferThatNeverEnds(t *testing.T) {
	t.Parallel()
	s := serveCut(t, "0123456789", func(r *http.Request) int {
		if r.Header.Get("Range") != "" {
			return 0
		}
		return 5
	})
	b := openS3(t, s, "")
	f, err := b.Open(t.Context(), list(t, b, all())[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	if string(text) != "01234" || value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), "broke off after 5 of 10 bytes") {
		t.Errorf("%q %v", text, err)
	}
}

// A transfer that breaks off goes on with the version it began with, or not at all.
func TestS3DoesNotMixVersions(t *testing.T) {
	t.Parallel()
	s := serveCut(t, "the old version", func(r *http.Request) int {
		if r.Header.Get("Range") != "" {
			return 100
		}
		return 7
	})
	b := openS3(t, s, "")
	f, err := b.Open(t.Context(), list(t, b, all())[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s.replace(t, "file", "the new version")
	if text, err := io.ReadAll(f); value.FaultOf(err) != value.NotReady {
		t.Errorf("%q %v", text, err)
	}
}

// replace writes an object anew.
func (s *s3Server) replace(t *testing.T, key, text string) {
	if _, err := s.objects.PutObject("acme", key, nil, strings.NewReader(text), int64(len(text)), nil); err != nil {
		t.Error(err)
	}
}

// Credentials that end in the middle of a list give no half of one.
func TestS3RefusedInTheMiddle(t *testing.T) {
	t.Parallel()
	s := serveS3(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("continuation-token") {
			return false
		}
		refuse(w, http.StatusForbidden, "AccessDenied", "no")
		return true
	})
	for i := range 1_001 {
		s.fill(t, fmt.Sprintf("%04d", i))
	}
	if got, err := openS3(t, s, "").List(t.Context(), all()); value.FaultOf(err) != value.Misconfigured || got != nil {
		t.Errorf("%d files, %v", len(got), err)
	}
}

// Files come and go while a list is made: what was there all the time is in it,
// once.
func TestS3ListThatChanges(t *testing.T) {
	t.Parallel()
	var s *s3Server
	var pages atomic.Int64
	s = serveS3(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if page := pages.Add(1); r.URL.Query().Has("continuation-token") {
			s.replace(t, fmt.Sprintf("0000-new-%d", page), "x")
			s.replace(t, fmt.Sprintf("9999-new-%d", page), "x")
			_, _ = s.objects.DeleteObject("acme", fmt.Sprintf("%04d-gone", page))
		}
		return false
	})
	for i := range 3_500 {
		s.fill(t, fmt.Sprintf("%04d", i))
	}
	s.fill(t, "0002-gone", "0003-gone", "0004-gone")
	seen := map[string]int{}
	for _, o := range list(t, openS3(t, s, ""), all()) {
		seen[o.Path]++
		if seen[o.Path] > 1 {
			t.Errorf("%s is there twice", o.Path)
		}
	}
	for i := range 3_500 {
		if seen[fmt.Sprintf("%04d", i)] != 1 {
			t.Errorf("%04d is not there", i)
		}
	}
}

// A page that says it is not the last and does not say where the next one is.
func TestS3ListThatLeavesOff(t *testing.T) {
	t.Parallel()
	s := serveS3(t, func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = fmt.Fprint(w, `<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>`)
		return true
	})
	if got, err := openS3(t, s, "").List(t.Context(), all()); value.FaultOf(err) != value.SourceError {
		t.Errorf("%v %v", got, err)
	}
}

// What cannot be the path of a file is no file: folders that tools make, and names
// that lead elsewhere.
func TestS3LeavesOutWhatIsNoFile(t *testing.T) {
	t.Parallel()
	s := serveS3(t, nil)
	s.fill(t, "in/", "in/2026/", "in/2026/a", "in//b", "in/../c", "in/./d", "in/e/")
	b := openS3(t, s, "in")
	got := paths(list(t, b, all()))
	if left := b.(interface{ LeftOut() int }).LeftOut(); len(got) != 1 || got[0] != "2026/a" || left != 6 {
		t.Errorf("%v, and %d are left out", got, left)
	}
}

// A server that does not answer, or stops in the middle, is not waited for longer
// than it may stand still.
func TestS3Stalls(t *testing.T) {
	t.Parallel()
	for _, headers := range []bool{false, true} {
		release := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if headers {
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
			}
			<-release
		}))
		t.Cleanup(s.Close)
		t.Cleanup(func() { close(release) })
		b, err := bucket.OpenS3(t.Context(), bucket.Access{
			URL: "s3://acme?region=x&path_style=true&endpoint=" + s.URL, AccessKey: "key", SecretKey: "hidden",
		}, 50*time.Millisecond, 5<<20)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		f, err := b.Open(t.Context(), window.Object{Path: "a"})
		if err == nil {
			_, err = io.ReadAll(f)
		}
		if value.FaultOf(err) != value.SourceError {
			t.Errorf("error %v", err)
		}
	}
}

func TestS3OutOfReach(t *testing.T) {
	t.Parallel()
	for endpoint, says := range map[string]string{
		"http://127.0.0.1:1":            "http://127.0.0.1:1 cannot be reached: dial tcp 127.0.0.1:1",
		"http://no-such-server.invalid": "cannot be reached: lookup no-such-server.invalid",
	} {
		b, err := bucket.Open(t.Context(), "", bucket.Access{
			URL: "s3://acme?region=x&path_style=true&endpoint=" + endpoint, AccessKey: "key", SecretKey: "hidden",
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		if _, err := b.List(t.Context(), all()); value.FaultOf(err) != value.SourceError || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v", err)
		}
		if _, err := b.Stat(t.Context(), "a"); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a server out of reach says that there is no file: %v", err)
		}
	}
}

// An upload that fails leaves no parts behind.
func TestS3TakesPartsBack(t *testing.T) {
	t.Parallel()
	var aborted, parts atomic.Int64
	s := serveS3(t, func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		switch {
		case r.Method == http.MethodDelete && q.Has("uploadId"):
			aborted.Add(1)
		case q.Has("partNumber") && parts.Add(1) > 2:
			refuse(w, http.StatusForbidden, "AccessDenied", "no")
			return true
		}
		return false
	})
	b := openS3(t, s, "")
	_, err := b.Put(t.Context(), "a", strings.NewReader(strings.Repeat("x", 22<<20)), bucket.PutOptions{Size: -1})
	if value.FaultOf(err) != value.Misconfigured || aborted.Load() != 1 {
		t.Errorf("%d taken back, %v", aborted.Load(), err)
	}
	if got := list(t, b, all()); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// Amazon's servers take no part with a checksum of an upload that was not begun with
// one, and others may not know it.
func TestS3BeginsAnUploadWithTheChecksumOfItsParts(t *testing.T) {
	t.Parallel()
	for _, asAmazons := range []bool{false, true} {
		var begun, parts, wrong atomic.Int64
		s := serveS3(t, func(_ http.ResponseWriter, r *http.Request) bool {
			q, said := r.URL.Query(), r.Header.Get("X-Amz-Checksum-Algorithm")
			switch {
			case q.Has("uploads"):
				begun.Add(1)
				if asAmazons != (said == "CRC32") {
					wrong.Add(1)
				}
			case q.Has("partNumber"):
				parts.Add(1)
				if sum := r.Header.Get("X-Amz-Checksum-Crc32"); asAmazons != (sum != "") || asAmazons == (r.Header.Get("Content-Md5") != "") {
					wrong.Add(1)
				}
			}
			return false
		})
		b := openS3(t, s, "")
		if asAmazons {
			bucket.AsAmazons(b)
		}
		if _, err := b.Put(t.Context(), "a", strings.NewReader(strings.Repeat("x", 11<<20)), bucket.PutOptions{Size: 11 << 20}); err != nil {
			t.Error(err)
		}
		if begun.Load() != 1 || parts.Load() != 3 || wrong.Load() > 0 {
			t.Errorf("as Amazon's %t: %d uploads and %d parts, %d with other checksums", asAmazons, begun.Load(), parts.Load(), wrong.Load())
		}
	}
}

// A conditional write whose answer is lost has succeeded all the same.
func TestS3KnowsItsOwnWrite(t *testing.T) {
	t.Parallel()
	var lost atomic.Bool
	s := serveS3(t, nil)
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && !lost.Swap(true) {
			inner.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		inner.ServeHTTP(w, r)
	})
	if _, err := openS3(t, s, "").Put(t.Context(), "a", strings.NewReader("a"), bucket.PutOptions{Size: 1, IfAbsent: true}); err != nil {
		t.Error(err)
	}
}

// A conditional write that another one is in the way of is made again: the other one
// may fail. What is sent in parts cannot be, and is no file that stands there either.
func TestS3WritesAgainAfterAConflict(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 6<<20)
	for name, test := range map[string]struct {
		text      string
		conflicts int64 // answers, the first of them
		other     string
		asked     int64
		says      string
		exists    bool
	}{
		"it passes":               {text: "a", conflicts: 3, asked: 4},
		"it stays":                {text: "a", conflicts: 1_000, asked: 5, says: "409 ConditionalRequestConflict"},
		"the other one is faster": {text: "a", conflicts: 2, other: "b", asked: 3, exists: true},
		"parts":                   {text: big, conflicts: 1_000, asked: 1, says: "409 ConditionalRequestConflict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			var s *s3Server
			s = serveS3(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("If-None-Match") == "" {
					return false
				}
				n := asked.Add(1)
				if n == test.conflicts && test.other != "" {
					s.replace(t, "a", test.other)
				}
				if n > test.conflicts {
					return false
				}
				refuse(w, http.StatusConflict, "ConditionalRequestConflict", "no")
				return true
			})
			b := openS3(t, s, "")
			_, err := b.Put(t.Context(), "a", strings.NewReader(test.text), bucket.PutOptions{Size: int64(len(test.text)), IfAbsent: true})
			switch {
			case test.says != "":
				wantFault(t, err, value.SourceError, test.says)
			case errors.Is(err, bucket.ErrExists) != test.exists || err != nil && !test.exists:
				t.Errorf("error %v", err)
			}
			if errors.Is(err, bucket.ErrExists) && !test.exists {
				t.Errorf("it says that a file is there: %v", err)
			}
			if asked.Load() != test.asked {
				t.Errorf("it was asked %d times", asked.Load())
			}
			want := test.text
			switch {
			case test.other != "":
				want = test.other
			case err != nil:
				return
			}
			if got := read(t, b, window.Object{Path: "a"}); got != want {
				t.Errorf("there is %q", got)
			}
		})
	}
}

// Servers that know no conditional writes still keep a file that is there.
func TestS3WithoutConditionalWrites(t *testing.T) {
	t.Parallel()
	for _, ignores := range []bool{false, true} {
		s := serveS3(t, func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.Header.Get("If-None-Match") == "":
			case ignores:
				r.Header.Del("If-None-Match")
			default:
				refuse(w, http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented.")
				return true
			}
			return false
		})
		b := openS3(t, s, "")
		absent := bucket.PutOptions{Size: 1, IfAbsent: true}
		if _, err := b.Put(t.Context(), "a", strings.NewReader("1"), absent); err != nil {
			t.Error(err)
		}
		if _, err := b.Put(t.Context(), "a", strings.NewReader("2"), absent); !errors.Is(err, bucket.ErrExists) {
			t.Errorf("error %v", err)
		}
	}
}

// A bucket that is closed keeps no connection.
func TestS3LetsGoOfConnections(t *testing.T) {
	t.Parallel()
	opened, closed := make(chan struct{}, 10), make(chan struct{}, 10)
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened <- struct{}{}
		case http.StateClosed:
			closed <- struct{}{}
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	b, err := bucket.Open(t.Context(), "", bucket.Access{URL: "s3://acme?region=x&path_style=true&endpoint=" + s.URL, AccessKey: "key", SecretKey: "hidden"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := b.Stat(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v", err)
		}
	}
	if len(opened) != 1 || len(closed) != 0 {
		t.Errorf("%d connections for two requests, %d of them closed", len(opened), len(closed))
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	select {
	case <-closed:
	case <-time.After(5 * time.Second): // sooner than connections that nobody closes
		t.Error("the connection stays")
	}
}
