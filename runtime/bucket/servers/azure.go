package servers

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Azure is a server in this process that speaks Azure Blob Storage, as far as
// Waybill does. It has one account, acme, with one container, drop, and checks the
// signature of every request.
type Azure struct {
	URL    string                                        // of the account
	Key    string                                        // of the account
	SAS    string                                        // a shared access signature that it takes, too
	Before func(http.ResponseWriter, *http.Request) bool // may answer in the server's place, and then returns true
	Now    func() time.Time                              // when what is written is made

	mu     sync.Mutex
	blobs  map[string]*azureBlob
	blocks map[string]map[string][]byte // of a blob, by their ids
	etag   int64
}

type azureBlob struct {
	content  []byte
	etag     string
	at       time.Time
	md5      string
	metadata map[string]string // by header
}

// NewAzure starts a server that lives as long as the test.
func NewAzure(t testing.TB) *Azure {
	t.Helper()
	s := &Azure{
		Key: base64.StdEncoding.EncodeToString([]byte("the key of the account acme")), SAS: "sv=2024-01-01&sig=c2lnbmVk",
		blobs: map[string]*azureBlob{}, blocks: map[string]map[string][]byte{}, Now: time.Now, etag: 0x8D0000000000000,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Before != nil && s.Before(w, r) {
			return
		}
		s.serve(w, r)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL + "/acme"
	return s
}

// Fill puts small blobs into the container, without a request.
func (s *Azure) Fill(blobs map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, content := range blobs {
		s.put(name, []byte(content), http.Header{})
	}
}

// FillFolder puts a folder into the container, as accounts with a hierarchy have
// them.
func (s *Azure) FillFolder(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(name, nil, http.Header{"X-Ms-Meta-Hdi_isfolder": {"true"}})
}

// Names returns what is in the container, sorted.
func (s *Azure) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.blobs))
}

// Answer does what a request asks for, and keeps the answer to itself.
func (s *Azure) Answer(r *http.Request) { s.serve(httptest.NewRecorder(), r) }

func (s *Azure) put(name string, content []byte, header http.Header) *azureBlob {
	s.etag++
	b := &azureBlob{content: content, etag: fmt.Sprintf(`"0x%X"`, s.etag), at: s.Now().UTC(), md5: header.Get("X-Ms-Blob-Content-Md5"), metadata: map[string]string{}}
	for key, values := range header {
		if strings.HasPrefix(key, "X-Ms-Meta-") {
			b.metadata[key] = values[0]
		}
	}
	s.blobs[name] = b
	return b
}

// no refuses a request.
func no(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Ms-Error-Code", code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code><Message>%s\nRequestId:0\nTime:0</Message></Error>", code, message)
}

// isSigned checks the signature of a request with the key of the account.
func (s *Azure) isSigned(r *http.Request) bool {
	if signature := r.URL.Query().Get("sig"); signature != "" && strings.HasSuffix(s.SAS, "sig="+signature) {
		return true
	}
	length := ""
	if r.ContentLength > 0 {
		length = strconv.FormatInt(r.ContentLength, 10)
	}
	lines := []string{r.Method, r.Header.Get("Content-Encoding"), r.Header.Get("Content-Language"), length}
	for _, name := range []string{"Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"} {
		lines = append(lines, r.Header.Get(name))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-ms-") {
			lines = append(lines, lower+":"+r.Header.Get(name))
		}
	}
	resource := "/acme" + r.URL.EscapedPath()
	query := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		slices.Sort(query[name])
		resource += "\n" + strings.ToLower(name) + ":" + strings.Join(query[name], ",")
	}
	key, err := base64.StdEncoding.DecodeString(s.Key)
	if err != nil {
		return false
	}
	sum := hmac.New(sha256.New, key)
	_, _ = io.WriteString(sum, strings.Join(append(lines, resource), "\n"))
	return r.Header.Get("Authorization") == "SharedKey acme:"+base64.StdEncoding.EncodeToString(sum.Sum(nil))
}

func (s *Azure) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	rest, ok := strings.CutPrefix(r.URL.Path, "/acme/")
	container, name, isBlob := strings.Cut(rest, "/")
	given := md5.Sum(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch sum := r.Header.Get("Content-Md5"); {
	case err != nil:
		no(w, http.StatusBadRequest, "InvalidInput", err.Error())
	case !s.isSigned(r):
		no(w, http.StatusForbidden, "AuthenticationFailed", "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.")
	case !ok || container != "drop":
		no(w, http.StatusNotFound, "ContainerNotFound", "The specified container does not exist.")
	case sum != "" && sum != base64.StdEncoding.EncodeToString(given[:]):
		no(w, http.StatusBadRequest, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")
	case !isBlob && r.URL.Query().Get("comp") == "list":
		s.list(w, r)
	case r.Method == http.MethodPut:
		s.write(w, r, name, body)
	default:
		s.read(w, r, name)
	}
}

// read gives, describes or removes a blob.
func (s *Azure) read(w http.ResponseWriter, r *http.Request, name string) {
	b, ok := s.blobs[name]
	want := r.Header.Get("If-Match")
	switch {
	case !ok:
		no(w, http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
		return
	case want != "" && want != b.etag:
		no(w, http.StatusPreconditionFailed, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met.")
		return
	case r.Method == http.MethodDelete:
		delete(s.blobs, name)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	for key, text := range b.metadata {
		w.Header().Set(key, text)
	}
	w.Header().Set("Etag", b.etag)
	w.Header().Set("Content-Type", "application/octet-stream")
	if span := r.Header.Get("X-Ms-Range"); span != "" {
		r.Header.Set("Range", span)
	} else if b.md5 != "" {
		w.Header().Set("Content-Md5", b.md5)
	}
	r.Header.Del("If-Match")
	http.ServeContent(w, r, "", b.at, bytes.NewReader(b.content))
}

// write takes a blob, a block, or the list of the blocks of a blob.
func (s *Azure) write(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	query := r.URL.Query()
	if query.Get("comp") == "block" {
		if s.blocks[name] == nil {
			s.blocks[name] = map[string][]byte{}
		}
		s.blocks[name][query.Get("blockid")] = body
		w.WriteHeader(http.StatusCreated)
		return
	}
	if _, isThere := s.blobs[name]; isThere && r.Header.Get("If-None-Match") == "*" {
		no(w, http.StatusConflict, "BlobAlreadyExists", "The specified blob already exists.")
		return
	}
	if query.Get("comp") == "blocklist" {
		var list struct {
			Latest []string `xml:"Latest"`
		}
		if err := xml.Unmarshal(body, &list); err != nil {
			no(w, http.StatusBadRequest, "InvalidXmlDocument", "no list")
			return
		}
		var content []byte
		for _, id := range list.Latest {
			block, ok := s.blocks[name][id]
			if !ok {
				no(w, http.StatusBadRequest, "InvalidBlockList", "The specified block list is invalid.")
				return
			}
			content = append(content, block...)
		}
		delete(s.blocks, name)
		body = content
	}
	b := s.put(name, body, r.Header)
	w.Header().Set("Etag", b.etag)
	w.Header().Set("Last-Modified", b.at.Format(http.TimeFormat))
	w.WriteHeader(http.StatusCreated)
}

func (s *Azure) list(w http.ResponseWriter, r *http.Request) {
	type properties struct {
		LastModified string `xml:"Last-Modified"`
		Etag         string `xml:"Etag"`
		Size         int    `xml:"Content-Length"`
	}
	type metadata struct {
		IsFolder string `xml:"hdi_isfolder,omitempty"`
	}
	type blob struct {
		Name       string
		Properties properties
		Metadata   metadata
	}
	page := struct {
		XMLName xml.Name `xml:"EnumerationResults"`
		Blobs   []blob   `xml:"Blobs>Blob"`
		Next    string   `xml:"NextMarker"`
	}{}
	const most = 1000
	query := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(s.blobs)) {
		if !strings.HasPrefix(name, query.Get("prefix")) || name <= query.Get("marker") {
			continue
		}
		if len(page.Blobs) == most {
			page.Next = page.Blobs[most-1].Name
			break
		}
		b := s.blobs[name]
		page.Blobs = append(page.Blobs, blob{
			name, properties{b.at.Format(http.TimeFormat), strings.Trim(b.etag, `"`), len(b.content)}, metadata{b.metadata["X-Ms-Meta-Hdi_isfolder"]},
		})
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(page)
}
