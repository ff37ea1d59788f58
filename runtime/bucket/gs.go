package bucket

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// gsScope is what Waybill asks Google for: to read, write and remove objects.
const gsScope = "https://www.googleapis.com/auth/devstorage.read_write"

// gsServer is Google's own.
const gsServer = "https://storage.googleapis.com"

// gsBucket is a bucket of Google Cloud Storage, or what is in it below a prefix. It
// speaks the JSON API itself: Google's library for it weighs 24 MB.
type gsBucket struct {
	at     graph.Storage
	server string // https://…, without / at its end
	prefix string // of the names: "" or ending in /
	http   *http.Client
	part   int           // of an upload
	room   *room         // of pieces of two parts: one is read while the other is sent
	pause  time.Duration // before the second attempt of a request

	tokens gsTokens
	hidden value.Redactor // what requests show, and answers must not tell on
}

var _ Store = (*gsBucket)(nil)

func openGS(_ context.Context, at graph.Storage, a Access) (Store, error) {
	return newGS(at, a, stallTime)
}

// newGS makes a client and asks nobody yet.
func newGS(at graph.Storage, a Access, stall time.Duration) (*gsBucket, error) {
	op := "open " + at.String()
	b := &gsBucket{at: at, server: gsServer, part: partSize, room: newRoom(roomParts/2, 2*partSize), pause: 500 * time.Millisecond}
	b.http = &http.Client{Transport: transport(stall)}
	if at.Path != "" {
		b.prefix = at.Path + "/"
	}
	endpoint, emulator := at.Options["endpoint"], os.Getenv("STORAGE_EMULATOR_HOST")
	switch {
	case endpoint != "":
		b.server = strings.TrimSuffix(endpoint, "/")
	case emulator != "":
		if !strings.Contains(emulator, "://") {
			emulator = "http://" + emulator
		}
		b.server = strings.TrimSuffix(emulator, "/")
	}
	b.tokens = gsTokens{key: a.PrivateKey, client: b.http}
	// Nobody's own credentials go to an emulator.
	b.tokens.isOff = a.PrivateKey == "" && strings.HasPrefix(b.server, "http://")
	if a.PrivateKey != "" {
		if _, err := google.JWTConfigFromJSON([]byte(a.PrivateKey), gsScope); err != nil {
			return nil, value.Misconfigured.Errorf(op, "private_key is not the JSON key of a service account, whole, as Google makes it for download")
		}
	}
	return b, nil
}

// transport is how object stores are reached.
func transport(stall time.Duration) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: stalling(stall), TLSHandshakeTimeout: dialTime, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ExpectContinueTimeout: time.Second,
		DisableCompression: true, // a file is what it is
	}
}

// URL names the bucket, with its endpoint where that is stated.
func (b *gsBucket) URL() string { return b.at.String() }

// Close lets go of the connections that nobody uses.
func (b *gsBucket) Close() error {
	b.http.CloseIdleConnections()
	return nil
}

// bucketURL is where the bucket's objects are listed, or written with upload.
func (b *gsBucket) bucketURL(upload bool, query url.Values) string {
	api := "/storage/v1/b/"
	if upload {
		api = "/upload/storage/v1/b/"
	}
	return b.server + api + url.PathEscape(b.at.Host) + "/o?" + query.Encode()
}

// objectURL is where one object is.
func (b *gsBucket) objectURL(name string, query url.Values) string {
	return b.server + "/storage/v1/b/" + url.PathEscape(b.at.Host) + "/o/" + url.PathEscape(b.prefix+name) + "?" + query.Encode()
}

// gsTokens is where the tokens of requests come from.
type gsTokens struct {
	key    string // JSON of a service account; "": the standard chain
	client *http.Client
	isOff  bool

	mu      sync.Mutex
	source  oauth2.TokenSource
	account string // who it is for, where that is known
}

// get returns a token that is valid. Asking for one may take longer than ctx, and
// then goes on for the next one.
func (s *gsTokens) get(ctx context.Context) (*oauth2.Token, error) {
	type answer struct {
		token *oauth2.Token
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		source, err := s.open()
		if err != nil {
			answers <- answer{nil, err}
			return
		}
		token, err := source.Token()
		answers <- answer{token, err}
	}()
	select {
	case a := <-answers:
		return a.token, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// errNoCredentials says that the standard chain holds nothing.
var errNoCredentials = errors.New("there are no credentials: neither private_key, nor a file in GOOGLE_APPLICATION_CREDENTIALS, nor gcloud's own, nor a service account of the machine")

func (s *gsTokens) open() (oauth2.TokenSource, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.source != nil {
		return s.source, nil
	}
	// The source outlives the request that makes it.
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: s.client.Transport, Timeout: stallTime})
	if s.key != "" {
		config, err := google.JWTConfigFromJSON([]byte(s.key), gsScope)
		if err != nil {
			return nil, err
		}
		s.source, s.account = config.TokenSource(ctx), config.Email
		return s.source, nil
	}
	found, err := google.FindDefaultCredentials(ctx, gsScope)
	if err != nil {
		if name := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS"); name != "" {
			return nil, &inWords{"the file that GOOGLE_APPLICATION_CREDENTIALS names cannot be used", err}
		}
		return nil, errNoCredentials
	}
	var file struct {
		Email string `json:"client_email"`
	}
	_ = json.Unmarshal(found.JSON, &file)
	s.source, s.account = found.TokenSource, file.Email
	return s.source, nil
}

// forget drops a token that the server does not accept.
func (s *gsTokens) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source = nil
}

// who is the account that is asked for.
func (s *gsTokens) who() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.account, "the account in use")
}
