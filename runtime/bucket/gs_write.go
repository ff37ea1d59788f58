package bucket

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Put writes an object: in one request where it fits in one part, else part by part
// in a session that the server turns into an object at its end.
func (b *gsBucket) Put(ctx context.Context, name string, r io.Reader, o PutOptions) (window.Object, error) {
	op := "write " + name + " to " + b.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	if o.IfAbsent { // before all of it is sent
		_, err := b.object(ctx, name)
		var no *gsError
		switch {
		case err == nil:
			return window.Object{}, value.Failed.Wrap(op, ErrExists)
		case !errors.As(err, &no) || no.status != http.StatusNotFound:
			return window.Object{}, b.fault(ctx, op, gsToWrite, err)
		}
	}
	up := &gsUpload{gsBucket: b, op: op, name: name, ifAbsent: o.IfAbsent, mark: rand.Text()}
	in := &contents{ctx: ctx, op: op, r: r, size: o.Size}
	made, err := up.all(ctx, in)
	if err == nil {
		return made.as(name), nil
	}
	var no *gsError
	if o.IfAbsent && errors.As(err, &no) && no.status == http.StatusPreconditionFailed {
		// What is in the way may be the object itself: the answer to an earlier
		// attempt may have been lost.
		if is, err := b.object(ctx, name); err == nil && is.Metadata[writeMark] == up.mark {
			return is.as(name), nil
		}
		return window.Object{}, value.Failed.Wrap(op, ErrExists)
	}
	if err = b.fault(ctx, op, gsToWrite, err); value.FaultOf(err) == value.NotReady && no != nil {
		return window.Object{}, value.Misconfigured.Errorf(op, "there is no bucket %s at %s", b.at.Host, b.server)
	}
	return window.Object{}, err
}

// all reads an object and sends it, whole or in parts.
func (u *gsUpload) all(ctx context.Context, in *contents) (made gsObject, err error) {
	size := firstOf(u.part, in.size)
	held := size
	if size == u.part { // it may take another one
		held = 2 * u.part
	}
	piece, err := u.room.take(ctx, held)
	if err != nil {
		return made, err
	}
	defer func() { u.room.give(piece, err) }()
	first := piece[:size:size]
	n, ended, err := in.fill(first)
	switch {
	case err != nil:
		return made, err
	case ended:
		return u.whole(ctx, first[:n])
	}
	return u.parts(ctx, first, piece[size:], in)
}

// firstOf is how much is read before it is known whether an object fits in one
// part: one byte more than it has, or a whole part.
func firstOf(part int, size int64) int {
	if size >= 0 && size < int64(part) {
		return int(size) + 1
	}
	return part
}

// gsUpload is the write of one object.
type gsUpload struct {
	*gsBucket
	op, name string
	ifAbsent bool
	mark     string
}

// query is that of a write.
func (u *gsUpload) query(kind string) url.Values {
	q := url.Values{"uploadType": {kind}, "fields": {gsFields}}
	if u.ifAbsent {
		q.Set("ifGenerationMatch", "0")
	}
	return q
}

// document describes the object that is to be made.
func (u *gsUpload) document(crc string) []byte {
	d := map[string]any{"name": u.prefix + u.name, "contentType": "application/octet-stream"}
	if crc != "" {
		d["crc32c"] = crc
	}
	if u.ifAbsent {
		d["metadata"] = map[string]string{writeMark: u.mark}
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // strings only
	}
	return text
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumText is a checksum as the API writes it.
func sumText(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// whole sends an object with its description, in one request. The server compares
// it with its checksum before it is there.
func (u *gsUpload) whole(ctx context.Context, content []byte) (made gsObject, err error) {
	boundary := rand.Text()
	var head bytes.Buffer
	fmt.Fprintf(&head, "--%s\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n%s\r\n--%s\r\nContent-Type: application/octet-stream\r\n\r\n",
		boundary, u.document(sumText(crc32.Checksum(content, castagnoli))), boundary)
	err = u.ask(ctx, gsRequest{
		method: http.MethodPost, url: u.bucketURL(true, u.query("multipart")),
		header: http.Header{"Content-Type": {"multipart/related; boundary=" + boundary}},
		body:   [][]byte{head.Bytes(), content, []byte("\r\n--" + boundary + "--\r\n")},
	}, &made)
	return made, err
}

// parts sends an object in a session, by way of two pieces of memory, of which the
// first one is full.
func (u *gsUpload) parts(ctx context.Context, first, second []byte, rest *contents) (made gsObject, err error) {
	response, err := u.send(ctx, gsRequest{
		method: http.MethodPost, url: u.bucketURL(true, u.query("resumable")), body: [][]byte{u.document("")},
		header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}, "X-Upload-Content-Type": {"application/octet-stream"}},
	})
	if err != nil {
		return made, err
	}
	_ = response.Body.Close()
	s := &gsSession{gsUpload: u, url: response.Header.Get("Location")}
	if s.url == "" {
		return made, errors.New("the server begins an upload and does not say where")
	}
	part, next := first, second
	for {
		s.sum = crc32.Update(s.sum, castagnoli, part)
		n, ended, err := rest.fill(next)
		isLast := ended && n == 0
		if err != nil {
			s.cancel(ctx)
			return made, err
		}
		if err := s.part(ctx, part, isLast, &made); err != nil {
			s.cancel(ctx)
			return made, err
		}
		if isLast {
			break
		}
		part, next = next[:n], part[:u.part]
	}
	if made.CRC32C != "" && made.CRC32C != sumText(s.sum) {
		query := url.Values{"ifGenerationMatch": {made.Generation}}
		_ = u.ask(ctx, gsRequest{method: http.MethodDelete, url: u.objectURL(u.name, query)}, nil)
		return made, value.SourceError.Errorf(u.op, "the server has received other bytes than were sent, and the object was removed")
	}
	return made, nil
}

// gsSession is an upload in parts.
type gsSession struct {
	*gsUpload
	url string
	at  int64 // how much the server has
	sum uint32
}

// statusGoOn is how the server says that it has some of an object.
const statusGoOn = 308

// part sends the next bytes. After a failure the server is asked how much of them
// it has.
func (s *gsSession) part(ctx context.Context, part []byte, isLast bool, made *gsObject) error {
	begin, end := s.at, s.at+int64(len(part))
	total := "*"
	if isLast {
		total = strconv.FormatInt(end, 10)
	}
	for attempt := 1; ; attempt++ {
		header := http.Header{"Content-Range": {fmt.Sprintf("bytes %d-%d/%s", s.at, end-1, total)}}
		if isLast {
			header.Set("X-Goog-Hash", "crc32c="+sumText(s.sum))
		}
		if s.at == end {
			header.Set("Content-Range", fmt.Sprintf("bytes */%s", total))
		}
		had := s.at
		err := s.put(ctx, header, part[s.at-begin:], made)
		if err == nil && made.Generation == "" {
			err = s.isWithin(begin, end)
		}
		if err == nil && (isLast && made.Generation != "" || !isLast && s.at == end) {
			return nil
		}
		var no *gsError
		var known *value.Error
		if ctx.Err() != nil || errors.As(err, &known) || errors.As(err, &no) && !no.passes() {
			return err
		}
		if s.at > had {
			attempt = 1
		}
		if attempt >= gsAttempts {
			if err == nil {
				err = fmt.Errorf("the server takes no more than %d bytes", s.at)
			}
			return err
		}
		if err == nil {
			continue
		}
		if err := s.wait(ctx, attempt, no); err != nil {
			return err
		}
		if err := s.put(ctx, http.Header{"Content-Range": {"bytes */" + total}}, nil, made); err != nil && errors.As(err, &no) && !no.passes() {
			return err
		}
		if made.Generation != "" {
			return nil
		}
		if err := s.isWithin(begin, end); err != nil {
			return err
		}
	}
}

// isWithin refuses what a server says it has where that is not in the part that is
// being sent: what came before it is no longer in memory.
func (s *gsSession) isWithin(begin, end int64) error {
	if s.at < begin || s.at > end {
		return value.SourceError.Errorf(s.op, "the server says that it has %d bytes, and was sent %d", s.at, end)
	}
	return nil
}

// put makes one request of a session, and notes how much the server has.
func (s *gsSession) put(ctx context.Context, header http.Header, body []byte, made *gsObject) error {
	response, err := s.send(ctx, gsRequest{
		method: http.MethodPut, url: s.url, header: header, body: [][]byte{body}, takes: []int{statusGoOn}, once: true,
	})
	var no *gsError
	if errors.As(err, &no) && (no.status == http.StatusNotFound || no.status == http.StatusGone) {
		return value.SourceError.Errorf(s.op, "the server has forgotten the upload: %w", no)
	}
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != statusGoOn {
		return json.NewDecoder(response.Body).Decode(made)
	}
	s.at = 0
	if _, last, ok := strings.Cut(response.Header.Get("Range"), "-"); ok {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil {
			return fmt.Errorf("the server says that it has %q", response.Header.Get("Range"))
		}
		s.at = n + 1
	}
	return nil
}

// cancel takes back what was sent. What cannot be taken back nobody sees, and the
// server forgets it after a week.
func (s *gsSession) cancel(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer stop()
	response, err := s.send(ctx, gsRequest{method: http.MethodDelete, url: s.url, takes: []int{499}, once: true})
	if err == nil {
		_ = response.Body.Close()
	}
}

// Remove removes objects, one by one.
func (b *gsBucket) Remove(ctx context.Context, names ...string) error {
	for _, name := range names {
		op := "remove " + name + " from " + b.URL()
		if err := checkName(op, name); err != nil {
			return err
		}
		response, err := b.send(ctx, gsRequest{method: http.MethodDelete, url: b.objectURL(name, nil), takes: []int{http.StatusNotFound}})
		if err != nil {
			return b.fault(ctx, op, gsToRemove, err)
		}
		_ = response.Body.Close()
	}
	return nil
}

// Sweep has nothing to do: an upload that nobody ends the server forgets after a week.
func (b *gsBucket) Sweep(context.Context, ...Unfinished) error { return nil }
