package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
	"github.com/waybill-dev/waybill/runtime/value"
)

// openGS opens a folder of the server's bucket, with the smallest parts there are.
func openGS(t *testing.T, s *servers.GCS, folder, key string) bucket.Store {
	t.Helper()
	b, err := bucket.OpenGS(bucket.Access{URL: "gs://acme/" + folder + "?endpoint=" + s.URL, PrivateKey: key}, stall, time.Millisecond, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// TestGSConforms holds the store to its contract, on the server of these tests or,
// under `make emulators`, on one that others wrote.
func TestGSConforms(t *testing.T) {
	t.Parallel()
	emulator := os.Getenv("WAYBILL_GCS")
	if emulator != "" {
		made, err := http.Post(emulator+"/storage/v1/b?project=acme", "application/json", strings.NewReader(`{"name":"acme"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = made.Body.Close()
	}
	var folders atomic.Int64
	conform(t, func(t *testing.T) bucket.Store {
		if emulator != "" {
			folder := fmt.Sprintf("%d-%d", time.Now().UnixNano(), folders.Add(1))
			b, err := bucket.OpenGS(bucket.Access{URL: "gs://acme/" + folder + "?endpoint=" + emulator}, stall, time.Millisecond, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		s := servers.NewGCS(t)
		s.Fill(map[string]string{"elsewhere": "", "deep/erin/x": "", "deep/er-too": "", "deep/er": "", "deep/er/": ""})
		return openGS(t, s, "deep/er", "")
	}, traits{names: []string{"back\\slash", ":colon", "a&b<c>"}, many: 300, forgets: true})
}

// A list of many pages is whole, and a prefix asks for its own pages only.
func TestGSListsPages(t *testing.T) {
	t.Parallel()
	var lists atomic.Int64
	s := servers.NewGCS(t)
	s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/o") {
			lists.Add(1)
		}
		return false
	}
	objects, want := map[string]string{}, []string{}
	for day := range 5 {
		for i := range 2_500 {
			name := fmt.Sprintf("2026/11/%02d/%04d.csv", day+1, i)
			objects[name], want = "", append(want, name)
		}
	}
	s.Fill(objects)
	b := openGS(t, s, "", "")
	if diff := cmp.Diff(want, paths(list(t, b, all()))); diff != "" || lists.Load() != 13 {
		t.Errorf("%d requests %s", lists.Load(), diff)
	}
	lists.Store(0)
	got := paths(list(t, b, bucket.Scope{Folders: []string{""}, Prefixes: []string{"2026/11/02/", "2026/11/02/1", "2026/11/04/00"}}))
	if diff := cmp.Diff(slices.Concat(want[2500:5000], want[7500:7600]), got); diff != "" || lists.Load() != 4 {
		t.Errorf("%d requests %s", lists.Load(), diff)
	}
}

// TestGSAccount logs in with the key of a service account.
func TestGSAccount(t *testing.T) {
	t.Parallel()
	s := servers.NewGCS(t)
	key := s.Account(t)
	b := openGS(t, s, "", key)
	put(t, b, "a")
	s.Expire() // in the middle: a new token is asked for
	put(t, b, "b")

	_, err := openGS(t, s, "", "").List(t.Context(), all())
	wantFault(t, err, value.Misconfigured, "the server does not accept the credentials of the account in use: 401 Unauthorized: Invalid Credentials")

	other := servers.NewGCS(t) // which does not know the account
	_, err = openGS(t, other, "", strings.ReplaceAll(key, s.URL, other.URL)).List(t.Context(), all())
	wantFault(t, err, value.Misconfigured, "Google gives loader@acme.iam.gserviceaccount.com no access: 400 invalid_grant Invalid grant: account not found; is its key deleted")

	for _, text := range []string{"{}", "hunter2", `{"type":"authorized_user","client_id":"a"}`} {
		_, err := bucket.Open(t.Context(), "", bucket.Access{URL: "gs://acme", PrivateKey: text})
		wantFault(t, err, value.Misconfigured, "private_key is not the JSON key of a service account")
		if strings.Contains(err.Error(), text) {
			t.Errorf("it tells the key: %v", err)
		}
	}
}

// TestGSStandardChain has no credentials, and then those of the environment, which
// it sets.
func TestGSStandardChain(t *testing.T) {
	s := servers.NewGCS(t)
	key := s.Account(t)
	put(t, openGS(t, s, "", key), "a")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GCE_METADATA_HOST", "127.0.0.1:1")
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(s.URL, "http://"))
	look := func() error {
		b, err := bucket.OpenGS(bucket.Access{URL: "gs://acme/x"}, stall, time.Millisecond, 1<<20)
		if err != nil {
			return err
		}
		_, err = b.List(t.Context(), all())
		return err
	}
	wantFault(t, look(), value.Misconfigured, "401") // an emulator is sent nobody's credentials

	t.Setenv("STORAGE_EMULATOR_HOST", "https://127.0.0.1:1")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/absent.json")
	wantFault(t, look(), value.Misconfigured, "the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be used", "/absent.json")
}

// TestGSFaults says what the server's refusals mean.
func TestGSFaults(t *testing.T) {
	t.Parallel()
	list := func(ctx context.Context, b bucket.Store) error { _, err := b.List(ctx, all()); return err }
	open := func(ctx context.Context, b bucket.Store) error {
		f, err := b.Open(ctx, window.Object{Path: "a"})
		if err == nil {
			_, err = io.ReadAll(f)
		}
		return err
	}
	write := func(ctx context.Context, b bucket.Store) error {
		_, err := b.Put(ctx, "new", strings.NewReader("new"), bucket.PutOptions{Size: 3})
		return err
	}
	for name, test := range map[string]struct {
		status int
		body   string
		do     func(context.Context, bucket.Store) error
		fault  value.Fault
		asked  int64
		says   string
	}{
		"no bucket": {404, `{"error":{"message":"The specified bucket does not exist."}}`, list, value.Misconfigured, 1, "there is no bucket acme at http://127.0.0.1"},
		"not allowed to list": {
			403, `{"error":{"message":"loader@acme does not have storage.objects.list access.","errors":[{"reason":"forbidden"}]}}`, list, value.Misconfigured, 1,
			"the server refuses it: 403 Forbidden: loader@acme does not have storage.objects.list access.; the account in use needs the permission storage.objects.list",
		},
		"not allowed to read":  {403, ``, open, value.Misconfigured, 1, "needs the permission storage.objects.get"},
		"not allowed to write": {403, ``, write, value.Misconfigured, 1, "needs the permissions storage.objects.create"},
		"throttled":            {429, `{"error":{"message":"slow"}}`, list, value.SourceError, 4, "the server says 429 Too Many Requests: slow"},
		"throttled as 403":     {403, `{"error":{"message":"slow","errors":[{"reason":"userRateLimitExceeded"}]}}`, list, value.SourceError, 4, "slow"},
		"ill":                  {503, `<html>sorry</html>`, write, value.SourceError, 4, "the server says 503 Service Unavailable"},
		"another server":       {200, `<html>hello</html>`, list, value.SourceError, 1, "the answer is no document of Google Cloud Storage"},
		"gone":                 {404, `{"error":{"message":"No such object: acme/a"}}`, open, value.NotReady, 1, "it is not there"},
		"bad request":          {400, `{"error":{"message":"Bad prefix"}}`, list, value.Misconfigured, 1, "the server does not take the request: 400 Bad Request: Bad prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers.NewGCS(t)
			s.Fill(map[string]string{"a": "hello"})
			var asked atomic.Int64
			s.Before = func(w http.ResponseWriter, _ *http.Request) bool {
				asked.Add(1)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
				return true
			}
			err := test.do(t.Context(), openGS(t, s, "", ""))
			wantFault(t, err, test.fault, test.says)
			if asked.Load() != test.asked {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
	b, err := bucket.OpenGS(bucket.Access{URL: "gs://acme?endpoint=http://127.0.0.1:1"}, stall, time.Millisecond, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, list(t.Context(), b), value.SourceError, "http://127.0.0.1:1 cannot be reached: nothing listens there")
}

// TestGSClock tells of a clock that is wrong, with which nobody is let in.
func TestGSClock(t *testing.T) {
	t.Parallel()
	s := servers.NewGCS(t)
	s.Before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", time.Now().Add(-2*time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	_, err := openGS(t, s, "", "").List(t.Context(), all())
	wantFault(t, err, value.Misconfigured, "ahead of the server's, set it right")
}

// TestGSBreaks breaks transfers off in both directions, and they go on.
func TestGSBreaks(t *testing.T) {
	t.Parallel()
	content := pattern(5<<20 + 7)
	s := servers.NewGCS(t)
	s.Fill(map[string]string{"big": string(content)})
	var breaks atomic.Int64
	var seen atomic.Int64
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		isPart := strings.HasPrefix(r.URL.Path, "/session/") && r.Method == http.MethodPut && !strings.HasPrefix(r.Header.Get("Content-Range"), "bytes */")
		isRead := r.URL.Query().Get("alt") == "media"
		if !isPart && !isRead || seen.Add(1)%2 == 0 {
			return false
		}
		breaks.Add(1)
		if isPart && breaks.Load()%2 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		if isRead {
			from := 0
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
			if from > 0 {
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write(content[from : from+1<<20])
		}
		panic(http.ErrAbortHandler)
	}
	b := openGS(t, s, "", "")
	if got := read(t, b, window.Object{Path: "big"}); got != string(content) {
		t.Errorf("%d bytes are back, or others", len(got))
	}
	if _, err := b.Put(t.Context(), "copy", bytes.NewReader(content), bucket.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	if breaks.Load() < 4 {
		t.Errorf("%d breaks", breaks.Load())
	}
	s.Before = nil
	if got := read(t, b, window.Object{Path: "copy"}); got != string(content) {
		t.Errorf("%d bytes are back, or others", len(got))
	}
}

// TestGSForgets does not go on with an upload of which the server says that it has
// lost what came before.
func TestGSForgets(t *testing.T) {
	t.Parallel()
	s := servers.NewGCS(t)
	var parts atomic.Int64
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/session/") || r.Method != http.MethodPut || parts.Add(1) < 2 {
			return false
		}
		w.WriteHeader(http.StatusPermanentRedirect) // with no Range: it has nothing
		return true
	}
	_, err := openGS(t, s, "", "").Put(t.Context(), "a", bytes.NewReader(pattern(3<<20)), bucket.PutOptions{Size: 3 << 20})
	wantFault(t, err, value.SourceError, "the server says that it has 0 bytes, and was sent 2097152")
}

// TestGSDamage does not take bytes that are not those of the server.
func TestGSDamage(t *testing.T) {
	t.Parallel()
	s := servers.NewGCS(t)
	s.Fill(map[string]string{"a": "hello"})
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("alt") != "media" {
			return false
		}
		_, _ = io.WriteString(w, "hallo")
		return true
	}
	f, err := openGS(t, s, "", "").Open(t.Context(), window.Object{Path: "a"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(f)
	wantFault(t, err, value.SourceError, "it was damaged on the way")
}

// TestGSLostAnswer knows its own object when the answer to a conditional write is
// lost.
func TestGSLostAnswer(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"whole": 5, "parts": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers.NewGCS(t)
			var isLost atomic.Bool
			s.Before = func(w http.ResponseWriter, r *http.Request) bool {
				isEnd := r.URL.Query().Get("uploadType") == "multipart" || strings.HasPrefix(r.URL.Path, "/session/") && !strings.HasSuffix(r.Header.Get("Content-Range"), "/*")
				if isEnd && isLost.CompareAndSwap(false, true) {
					s.Answer(r) // which nobody hears
					panic(http.ErrAbortHandler)
				}
				return false
			}
			b := openGS(t, s, "", "")
			content := string(pattern(size))
			if _, err := b.Put(t.Context(), "a", strings.NewReader(content), bucket.PutOptions{Size: int64(size), IfAbsent: true}); err != nil {
				t.Fatal(err)
			}
			if got := read(t, b, window.Object{Path: "a"}); got != content || !isLost.Load() {
				t.Errorf("%d bytes", len(got))
			}
			if _, err := b.Put(t.Context(), "a", strings.NewReader("b"), bucket.PutOptions{Size: 1, IfAbsent: true}); !errors.Is(err, bucket.ErrExists) {
				t.Errorf("error %v", err)
			}
		})
	}
}
