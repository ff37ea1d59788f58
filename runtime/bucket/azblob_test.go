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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
	"github.com/waybill-dev/waybill/runtime/value"
)

// openAzblob opens a folder of the server's container, with small blocks.
func openAzblob(t *testing.T, s *servers.Azure, folder string) bucket.Store {
	t.Helper()
	return azblob(t, bucket.Access{URL: "azblob://drop/" + folder + "?account=acme&endpoint=" + s.URL, AccessKey: "acme", SecretKey: s.Key})
}

func azblob(t *testing.T, a bucket.Access) bucket.Store {
	t.Helper()
	b, err := bucket.OpenAzblob(a, stall, time.Millisecond, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// azuriteKey is public, and the same everywhere.
const azuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// TestAzblobConforms holds the store to its contract, on the server of these tests
// or, under `make emulators`, on Microsoft's own.
func TestAzblobConforms(t *testing.T) {
	t.Parallel()
	emulator := os.Getenv("WAYBILL_AZURITE")
	if emulator != "" {
		key, err := container.NewSharedKeyCredential("devstoreaccount1", azuriteKey)
		if err != nil {
			t.Fatal(err)
		}
		drop, err := container.NewClientWithSharedKeyCredential(emulator+"/drop", key, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drop.Create(t.Context(), nil); err != nil && !bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
			t.Fatal(err)
		}
	}
	var folders atomic.Int64
	conform(t, func(t *testing.T) bucket.Store {
		if emulator != "" {
			folder := fmt.Sprintf("%d-%d", time.Now().UnixNano(), folders.Add(1))
			return azblob(t, bucket.Access{
				URL: "azblob://drop/" + folder + "?endpoint=" + emulator, AccessKey: "devstoreaccount1",
				SecretKey: azuriteKey,
			})
		}
		s := servers.NewAzure(t)
		s.Fill(map[string]string{"elsewhere": "", "deep/erin/x": "", "deep/er-too": "", "deep/er": "", "deep/er/": ""})
		s.FillFolder("deep/er/folder")
		return openAzblob(t, s, "deep/er")
	}, traits{names: []string{":colon", "a&b<c>"}, many: 300, forgets: true})
}

// A list of many pages is whole, and a prefix asks for its own pages only.
func TestAzblobListsPages(t *testing.T) {
	t.Parallel()
	var lists atomic.Int64
	s := servers.NewAzure(t)
	s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("comp") == "list" {
			lists.Add(1)
		}
		return false
	}
	blobs, want := map[string]string{}, []string{}
	for day := range 5 {
		for i := range 2_500 {
			name := fmt.Sprintf("2026/11/%02d/%04d.csv", day+1, i)
			blobs[name], want = "", append(want, name)
		}
	}
	s.Fill(blobs)
	b := openAzblob(t, s, "")
	if diff := cmp.Diff(want, paths(list(t, b, all()))); diff != "" || lists.Load() != 13 {
		t.Errorf("%d requests %s", lists.Load(), diff)
	}
	lists.Store(0)
	got := paths(list(t, b, bucket.Scope{Folders: []string{""}, Prefixes: []string{"2026/11/02/", "2026/11/02/1", "2026/11/04/00"}}))
	if diff := cmp.Diff(slices.Concat(want[2500:5000], want[7500:7600]), got); diff != "" || lists.Load() != 4 {
		t.Errorf("%d requests %s", lists.Load(), diff)
	}
}

// TestAzblobLogin uses right and wrong credentials.
func TestAzblobLogin(t *testing.T) {
	t.Parallel()
	s := servers.NewAzure(t)
	at := "azblob://drop?endpoint=" + s.URL
	look := func(a bucket.Access) error {
		b, err := bucket.OpenAzblob(a, stall, time.Millisecond, 1<<20)
		if err != nil {
			return err
		}
		_, err = b.List(t.Context(), all())
		return err
	}
	wantFault(t, look(bucket.Access{URL: at, AccessKey: "acme", SecretKey: s.Key}), "")
	wantFault(t, look(bucket.Access{URL: at, AccessKey: "acme", SecretKey: "?" + s.SAS}), "")
	for _, secret := range []string{"aHVudGVyMg==", "sv=2024-01-01&sig=aHVudGVyMg"} {
		err := look(bucket.Access{URL: at, AccessKey: "acme", SecretKey: secret})
		wantFault(t, err, value.Misconfigured, "the server does not accept the credentials, or they have run out: 403 AuthenticationFailed: Server failed to authenticate the request")
		if strings.Contains(err.Error(), "aHVudGVyMg") {
			t.Errorf("it tells the key: %v", err)
		}
	}
	for says, a := range map[string]bucket.Access{
		"secret_key is neither the key of an account":              {URL: at, AccessKey: "acme", SecretKey: "not base64!"},
		"the URL says account=other and access_key says acme":      {URL: at + "&account=other", AccessKey: "acme", SecretKey: s.Key},
		"no account is named; write azblob://CONTAINER/FOLDER":     {URL: "azblob://drop"},
		"the endpoint is http://, over which no identity is shown": {URL: at + "&account=acme"},
	} {
		wantFault(t, look(a), value.Misconfigured, says)
	}
	err := look(bucket.Access{URL: "azblob://drop?account=acme&endpoint=http://127.0.0.1:1/acme", AccessKey: "acme", SecretKey: "sv=1&sig=aHVudGVyMg"})
	wantFault(t, err, value.SourceError, "http://127.0.0.1:1/acme cannot be reached: nothing listens there")
	if strings.Contains(err.Error(), "aHVudGVyMg") {
		t.Errorf("it tells the signature: %v", err)
	}
}

// TestAzblobKeepsSignatures does not tell a signature, which is a part of each
// address, where a server ends the connection.
func TestAzblobKeepsSignatures(t *testing.T) {
	t.Parallel()
	s := servers.NewAzure(t)
	s.Before = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	b := azblob(t, bucket.Access{URL: "azblob://drop?account=acme&endpoint=" + s.URL, AccessKey: "acme", SecretKey: "sv=1&sig=aHVudGVyMg"})
	_, err := b.List(t.Context(), all())
	wantFault(t, err, value.SourceError, "cannot be reached: the server ended the connection")
	if strings.Contains(err.Error(), "aHVudGVyMg") {
		t.Errorf("it tells the signature: %v", err)
	}
}

// TestAzblobFaults says what the server's refusals mean.
func TestAzblobFaults(t *testing.T) {
	t.Parallel()
	list := func(ctx context.Context, b bucket.Store) error { _, err := b.List(ctx, all()); return err }
	open := func(ctx context.Context, b bucket.Store) error {
		_, err := b.Open(ctx, window.Object{Path: "a"})
		return err
	}
	write := func(ctx context.Context, b bucket.Store) error {
		_, err := b.Put(ctx, "new", strings.NewReader("new"), bucket.PutOptions{Size: 3})
		return err
	}
	for name, test := range map[string]struct {
		status int
		code   string
		body   string
		do     func(context.Context, bucket.Store) error
		fault  value.Fault
		asked  int64
		says   string
	}{
		"no container":         {404, "ContainerNotFound", "", list, value.Misconfigured, 1, "there is no container drop at http://127.0.0.1"},
		"not allowed to list":  {403, "AuthorizationPermissionMismatch", "<Error><Message>This request is not authorized to perform this operation using this permission.\nRequestId:1</Message></Error>", list, value.Misconfigured, 1, "the server refuses it: 403 AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this permission; it takes the role Storage Blob Data Reader"},
		"not allowed to write": {403, "AuthorizationPermissionMismatch", "", write, value.Misconfigured, 1, "it takes the role Storage Blob Data Contributor"},
		"throttled":            {503, "ServerBusy", "", list, value.SourceError, 4, "the server says 503 ServerBusy"},
		"too many":             {429, "", "", open, value.SourceError, 4, "the server says 429 Too Many Requests"},
		"gone":                 {404, "BlobNotFound", "", open, value.NotReady, 1, "it is not there"},
		"changed":              {412, "ConditionNotMet", "", open, value.NotReady, 1, "it changed after it was listed"},
		"leased":               {412, "LeaseIdMissing", "", write, value.NotReady, 1, ""},
		"another server":       {200, "", "<html>hello</html>", list, value.SourceError, 1, ""},
		"bad request":          {400, "InvalidHeaderValue", "", list, value.Misconfigured, 1, "the server does not take the request: 400 InvalidHeaderValue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers.NewAzure(t)
			var asked atomic.Int64
			s.Before = func(w http.ResponseWriter, _ *http.Request) bool {
				asked.Add(1)
				if test.code != "" {
					w.Header().Set("X-Ms-Error-Code", test.code)
				}
				w.Header().Set("Content-Type", "application/xml")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
				return true
			}
			err := test.do(t.Context(), openAzblob(t, s, ""))
			wantFault(t, err, test.fault, test.says)
			if asked.Load() != test.asked {
				t.Errorf("asked %d times", asked.Load())
			}
		})
	}
}

// TestAzblobClock tells of a clock that is wrong, with which nobody is let in.
func TestAzblobClock(t *testing.T) {
	t.Parallel()
	s := servers.NewAzure(t)
	s.Before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", time.Now().Add(2*time.Hour).UTC().Format(http.TimeFormat))
		w.Header().Set("X-Ms-Error-Code", "AuthenticationFailed")
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	_, err := openAzblob(t, s, "").List(t.Context(), all())
	wantFault(t, err, value.Misconfigured, "behind the server's, set it right")
}

// TestAzblobBreaks breaks transfers off in both directions, and they go on.
func TestAzblobBreaks(t *testing.T) {
	t.Parallel()
	content := pattern(5<<20 + 7)
	s := servers.NewAzure(t)
	s.Fill(map[string]string{"big": string(content)})
	var breaks atomic.Int64
	var broken sync.Map // what was broken off once
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		isPart, isRead := r.URL.Query().Get("comp") == "block", r.Method == http.MethodGet
		if _, again := broken.LoadOrStore(r.URL.Query().Get("blockid")+r.Header.Get("X-Ms-Range"), true); !isPart && !isRead || again {
			return false
		}
		breaks.Add(1)
		if isRead {
			from := 0
			_, _ = fmt.Sscanf(r.Header.Get("X-Ms-Range"), "bytes=%d-", &from)
			w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
			w.Header().Set("Etag", `"0x8D0000000000001"`)
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
				w.WriteHeader(http.StatusPartialContent)
			}
			_, _ = w.Write(content[from : from+1<<20])
		}
		panic(http.ErrAbortHandler)
	}
	b := openAzblob(t, s, "")
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

// TestAzblobDamage does not take bytes that are not those of the server.
func TestAzblobDamage(t *testing.T) {
	t.Parallel()
	s := servers.NewAzure(t)
	b := openAzblob(t, s, "")
	put(t, b, "hello")
	s.Before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			return false
		}
		w.Header().Set("Content-Md5", "XUFAKrxLKna5cZ2REBfFkg==") // of "hello"
		_, _ = io.WriteString(w, "hallo")
		return true
	}
	f, err := b.Open(t.Context(), window.Object{Path: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(f)
	wantFault(t, err, value.SourceError, "it was damaged on the way")
}

// TestAzblobLostAnswer knows its own blob when the answer to a conditional write is
// lost.
func TestAzblobLostAnswer(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"whole": 5, "blocks": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servers.NewAzure(t)
			var isLost atomic.Bool
			s.Before = func(_ http.ResponseWriter, r *http.Request) bool {
				if comp := r.URL.Query().Get("comp"); r.Method == http.MethodPut && comp != "block" && isLost.CompareAndSwap(false, true) {
					s.Answer(r) // which nobody hears
					panic(http.ErrAbortHandler)
				}
				return false
			}
			b := openAzblob(t, s, "")
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
