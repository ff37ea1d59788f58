package servers

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// GCS is a server in this process that speaks the JSON API of Google Cloud Storage,
// as far as Waybill does. It has one bucket, acme. Where it has an account it lets
// in who has the account's key, and nobody else.
type GCS struct {
	URL    string
	Before func(http.ResponseWriter, *http.Request) bool // may answer in the server's place, and then returns true
	Now    func() time.Time                              // when what is written is made

	mu         sync.Mutex
	objects    map[string]*gcsObject
	uploads    map[string]*gcsUpload
	generation int64
	account    *rsa.PublicKey
	token      string
}

type gcsObject struct {
	Name       string            `json:"name"`
	Size       string            `json:"size"`
	Generation string            `json:"generation"`
	Created    time.Time         `json:"timeCreated"`
	CRC32C     string            `json:"crc32c"`
	Metadata   map[string]string `json:"metadata,omitempty"`
	content    []byte
}

type gcsUpload struct {
	document  gcsObject
	condition string
	content   []byte
	made      *gcsObject // once it is whole
}

// NewGCS starts a server that lives as long as the test.
func NewGCS(t testing.TB) *GCS {
	t.Helper()
	s := &GCS{objects: map[string]*gcsObject{}, uploads: map[string]*gcsUpload{}, generation: 1_790_000_000_000_000, Now: time.Now}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Before != nil && s.Before(w, r) {
			return
		}
		s.serve(w, r)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// accountKey is made once, since it takes a while.
var accountKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Account gives the server a service account, and returns its key as Google makes
// it for download.
func (s *GCS) Account(t testing.TB) string {
	t.Helper()
	key, err := accountKey()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "loader@acme.iam.gserviceaccount.com", "private_key_id": "1", "token_uri": s.URL + "/token",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account = &key.PublicKey
	return string(text)
}

// Expire makes the tokens that were given no longer good.
func (s *GCS) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = rand.Text()
}

// Fill puts small objects into the bucket, without a request.
func (s *GCS) Fill(objects map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, content := range objects {
		s.put(gcsObject{Name: name}, []byte(content))
	}
}

// Names returns what is in the bucket, sorted.
func (s *GCS) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

func (s *GCS) put(o gcsObject, content []byte) *gcsObject {
	s.generation++
	o.Size, o.Generation, o.Created = strconv.Itoa(len(content)), strconv.FormatInt(s.generation, 10), s.Now().UTC()
	o.content, o.CRC32C = content, crc32c(content)
	s.objects[o.Name] = &o
	return &o
}

func crc32c(content []byte) string {
	sum := crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli))
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

func say(w http.ResponseWriter, status int, reason, format string, args ...any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": status, "message": fmt.Sprintf(format, args...), "errors": []map[string]string{{"reason": reason}},
	}})
}

func answer(w http.ResponseWriter, document any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(document)
}

func (s *GCS) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		say(w, http.StatusBadRequest, "invalid", "%v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path := r.URL.EscapedPath()
	if path == "/token" {
		s.giveToken(w, r, body)
		return
	}
	if id, ok := strings.CutPrefix(path, "/session/"); ok {
		s.session(w, r, id, body)
		return
	}
	if s.account != nil && (s.token == "" || r.Header.Get("Authorization") != "Bearer "+s.token) {
		say(w, http.StatusUnauthorized, "authError", "Invalid Credentials")
		return
	}
	isUpload := strings.HasPrefix(path, "/upload/")
	rest, ok := strings.CutPrefix(strings.TrimPrefix(path, "/upload"), "/storage/v1/b/")
	bucket, rest, _ := strings.Cut(rest, "/")
	if !ok || bucket != "acme" {
		say(w, http.StatusNotFound, "notFound", "The specified bucket does not exist.")
		return
	}
	name, isObject := strings.CutPrefix(rest, "o/")
	name, err = url.PathUnescape(name)
	switch {
	case err != nil || !isObject && rest != "o":
		say(w, http.StatusBadRequest, "invalid", "bad path %s", path)
	case isUpload:
		s.upload(w, r, body)
	case !isObject:
		s.list(w, r)
	case r.Method == http.MethodDelete:
		s.object(w, r, name, func(*gcsObject) { delete(s.objects, name); w.WriteHeader(http.StatusNoContent) })
	case r.URL.Query().Get("alt") == "media":
		s.object(w, r, name, func(o *gcsObject) {
			w.Header().Set("X-Goog-Generation", o.Generation)
			w.Header().Set("Content-Type", "application/octet-stream")
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(o.content)))
		})
	default:
		s.object(w, r, name, func(o *gcsObject) { answer(w, o) })
	}
}

// giveToken checks what a service account says with its key.
func (s *GCS) giveToken(w http.ResponseWriter, r *http.Request, body []byte) {
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	parts := strings.Split(r.FormValue("assertion"), ".")
	refuse := func(why string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": why})
	}
	if s.account == nil || len(parts) != 3 {
		refuse("Invalid grant: account not found")
		return
	}
	signed := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	if rsa.VerifyPKCS1v15(s.account, crypto.SHA256, signed[:], signature) != nil {
		refuse("Invalid JWT Signature.")
		return
	}
	if s.token == "" {
		s.token = rand.Text()
	}
	answer(w, map[string]any{"access_token": s.token, "token_type": "Bearer", "expires_in": 3600})
}

// object answers for one object, when it is the one that is asked for.
func (s *GCS) object(w http.ResponseWriter, r *http.Request, name string, do func(*gcsObject)) {
	o, ok := s.objects[name]
	switch want := r.URL.Query().Get("ifGenerationMatch"); {
	case !ok:
		say(w, http.StatusNotFound, "notFound", "No such object: acme/%s", name)
	case want != "" && want != o.Generation:
		say(w, http.StatusPreconditionFailed, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
	default:
		do(o)
	}
}

func (s *GCS) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	most, err := strconv.Atoi(q.Get("maxResults"))
	if err != nil || most > 1000 {
		most = 1000
	}
	page := struct {
		Next  string       `json:"nextPageToken,omitempty"`
		Items []*gcsObject `json:"items,omitempty"`
	}{}
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		if !strings.HasPrefix(name, q.Get("prefix")) || name <= q.Get("pageToken") {
			continue
		}
		if len(page.Items) == most {
			page.Next = page.Items[most-1].Name
			break
		}
		page.Items = append(page.Items, s.objects[name])
	}
	answer(w, page)
}

// mayMake reports whether an object may be written under a condition.
func (s *GCS) mayMake(w http.ResponseWriter, name, condition string) bool {
	if _, isThere := s.objects[name]; isThere && condition == "0" {
		say(w, http.StatusPreconditionFailed, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
		return false
	}
	return true
}

func (s *GCS) upload(w http.ResponseWriter, r *http.Request, body []byte) {
	condition := r.URL.Query().Get("ifGenerationMatch")
	var document gcsObject
	if r.URL.Query().Get("uploadType") == "resumable" {
		if err := json.Unmarshal(body, &document); err != nil {
			say(w, http.StatusBadRequest, "invalid", "%v", err)
			return
		}
		if s.mayMake(w, document.Name, condition) {
			id := rand.Text()
			s.uploads[id] = &gcsUpload{document: document, condition: condition}
			w.Header().Set("Location", s.URL+"/session/"+id)
		}
		return
	}
	_, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	parts := multipart.NewReader(strings.NewReader(string(body)), parameters["boundary"])
	var pieces [][]byte
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			break
		}
		piece, _ := io.ReadAll(part)
		pieces = append(pieces, piece)
	}
	if len(pieces) != 2 || json.Unmarshal(pieces[0], &document) != nil {
		say(w, http.StatusBadRequest, "invalid", "not two parts")
		return
	}
	if s.mayMake(w, document.Name, condition) {
		s.make(w, document, pieces[1])
	}
}

// make makes an object whose checksum is the one it is said to have, if any.
func (s *GCS) make(w http.ResponseWriter, document gcsObject, content []byte) {
	if is := crc32c(content); document.CRC32C != "" && document.CRC32C != is {
		say(w, http.StatusBadRequest, "invalid", "Provided CRC32C %q doesn't match calculated CRC32C %q.", document.CRC32C, is)
		return
	}
	answer(w, s.put(document, content))
}

// session takes the next bytes of an upload, or says how many it has.
func (s *GCS) session(w http.ResponseWriter, r *http.Request, id string, body []byte) {
	up, ok := s.uploads[id]
	if !ok {
		say(w, http.StatusNotFound, "notFound", "no such session")
		return
	}
	if r.Method == http.MethodDelete {
		delete(s.uploads, id)
		w.WriteHeader(499)
		return
	}
	span, total, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Content-Range"), "bytes "), "/")
	if up.made != nil {
		answer(w, up.made)
		return
	}
	if span != "*" {
		begin, _, _ := strings.Cut(span, "-")
		at, err := strconv.Atoi(begin)
		if err != nil || at > len(up.content) || total == "*" && len(body)%(256<<10) != 0 {
			say(w, http.StatusBadRequest, "invalid", "bad range %s of %d bytes", span, len(body))
			return
		}
		up.content = append(up.content[:at], body...)
	}
	if total == strconv.Itoa(len(up.content)) {
		if s.mayMake(w, up.document.Name, up.condition) {
			up.document.CRC32C = strings.TrimPrefix(r.Header.Get("X-Goog-Hash"), "crc32c=")
			s.make(w, up.document, up.content)
			up.made = s.objects[up.document.Name]
		}
		return
	}
	if len(up.content) > 0 {
		w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", len(up.content)-1))
	}
	w.WriteHeader(308)
}

// Answer does what a request asks for, and keeps the answer to itself.
func (s *GCS) Answer(r *http.Request) { s.serve(httptest.NewRecorder(), r) }
