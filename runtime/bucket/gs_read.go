package bucket

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// Permissions that operations take, and the least role that has them.
const (
	gsToList   = "the permission storage.objects.list (role Storage Object Viewer)"
	gsToRead   = "the permission storage.objects.get (role Storage Object Viewer)"
	gsToWrite  = "the permissions storage.objects.create, .get and .delete (role Storage Object User)"
	gsToRemove = "the permission storage.objects.delete (role Storage Object User)"
)

// gsObject is an object as the API describes it.
type gsObject struct {
	Name       string            `json:"name"`
	Size       int64             `json:"size,string"`
	Generation string            `json:"generation"`
	Created    time.Time         `json:"timeCreated"` // of this generation
	CRC32C     string            `json:"crc32c"`
	Metadata   map[string]string `json:"metadata"`
}

// gsFields is what is asked for of an object.
const gsFields = "name,size,generation,timeCreated,crc32c,metadata"

func (o gsObject) as(name string) window.Object {
	return window.Object{Path: name, Size: o.Size, ModTime: o.Created.UTC(), ETag: o.Generation}
}

// Extent is the prefixes of a scope: nothing else is asked for.
func (b *gsBucket) Extent(s Scope) Scope { return byPrefix(s) }

// List returns the objects below the prefixes of a scope, page by page. Names that
// are no path of a file, such as the "folder/" that some tools make, are left out.
func (b *gsBucket) List(ctx context.Context, s Scope) ([]window.Object, error) {
	op := "list " + b.URL()
	if err := checkScope(op, s); err != nil {
		return nil, err
	}
	var found []window.Object
	for _, prefix := range byPrefix(s).Prefixes {
		query := url.Values{
			"prefix": {b.prefix + prefix}, "maxResults": {"1000"}, "projection": {"noAcl"},
			"fields": {"nextPageToken,items(name,size,generation,timeCreated)"},
		}
		for {
			next, err := b.page(ctx, query, &found)
			if err != nil {
				return nil, b.listFault(ctx, op, err)
			}
			if next == "" {
				break
			}
			if next == query.Get("pageToken") {
				return nil, value.SourceError.Errorf(op, "the server leaves off after %d files and gives the same page again", len(found))
			}
			query.Set("pageToken", next)
		}
	}
	slices.SortFunc(found, func(a, b window.Object) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(found, func(a, b window.Object) bool { return a.Path == b.Path }), nil
}

// page adds the objects of one page, and returns where the list goes on.
func (b *gsBucket) page(ctx context.Context, query url.Values, found *[]window.Object) (next string, err error) {
	var page struct {
		Next  string     `json:"nextPageToken"`
		Items []gsObject `json:"items"`
	}
	if err := b.ask(ctx, gsRequest{method: http.MethodGet, url: b.bucketURL(false, query)}, &page); err != nil {
		return "", err
	}
	for _, o := range page.Items {
		if name, ok := strings.CutPrefix(o.Name, b.prefix); ok && fs.ValidPath(name) && name != "." {
			*found = append(*found, o.as(name))
		}
	}
	return page.Next, nil
}

// listFault is fault for a list, of which nothing but the bucket can be absent.
func (b *gsBucket) listFault(ctx context.Context, op string, err error) error {
	if err = b.fault(ctx, op, gsToList, err); value.FaultOf(err) == value.NotReady {
		return value.Misconfigured.Errorf(op, "there is no bucket %s at %s", b.at.Host, b.server)
	}
	return err
}

// ask makes a request whose answer is a document.
func (b *gsBucket) ask(ctx context.Context, q gsRequest, into any) error {
	response, err := b.send(ctx, q)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("the answer is no document of Google Cloud Storage: %w", err)
	}
	return nil
}

// object describes what stands at a path.
func (b *gsBucket) object(ctx context.Context, name string) (o gsObject, err error) {
	query := url.Values{"projection": {"noAcl"}, "fields": {gsFields}}
	return o, b.ask(ctx, gsRequest{method: http.MethodGet, url: b.objectURL(name, query)}, &o)
}

// Stat asks what stands at a path.
func (b *gsBucket) Stat(ctx context.Context, name string) (window.Object, error) {
	op := "look up " + name + " of " + b.URL()
	if err := checkName(op, name); err != nil {
		return window.Object{}, err
	}
	o, err := b.object(ctx, name)
	if err != nil {
		return window.Object{}, b.fault(ctx, op, gsToRead, err)
	}
	return o.as(name), nil
}

// Open asks for the version that was listed. The file is read until ctx ends, and
// compared with the server's checksum.
func (b *gsBucket) Open(ctx context.Context, o window.Object) (File, error) {
	op := "read " + o.Path + " of " + b.URL()
	if err := checkName(op, o.Path); err != nil {
		return nil, err
	}
	is, err := b.object(ctx, o.Path)
	if err != nil {
		return nil, b.fault(ctx, op, gsToRead, err)
	}
	opened := is.as(o.Path)
	if !isAny(o) && opened.Version() != o.Version() {
		return nil, value.NotReady.Errorf(op, "it changed after it was listed")
	}
	f := &resumed{ctx: ctx, op: op, object: opened, stat: b.Stat}
	if sum, err := base64.StdEncoding.DecodeString(is.CRC32C); err == nil && len(sum) == crc32.Size {
		f.sum, f.want = crc32.New(crc32.MakeTable(crc32.Castagnoli)), string(sum)
	}
	f.open = func(from int64) (io.ReadCloser, error) {
		body, err := b.media(ctx, op, opened, from)
		return body, b.fault(ctx, op, gsToRead, err)
	}
	f.body, err = f.open(0)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// media asks for the bytes of a generation, as they are stored, from one on.
func (b *gsBucket) media(ctx context.Context, op string, o window.Object, from int64) (io.ReadCloser, error) {
	header := http.Header{"Accept-Encoding": {"gzip"}} // else what is stored compressed comes unpacked
	if from > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	query := url.Values{"alt": {"media"}, "ifGenerationMatch": {o.ETag}}
	response, err := b.send(ctx, gsRequest{method: http.MethodGet, url: b.objectURL(o.Path, query), header: header})
	if err != nil {
		return nil, err
	}
	if from > 0 && response.StatusCode != http.StatusPartialContent {
		_ = response.Body.Close()
		return nil, value.SourceError.Errorf(op, "the connection broke off, and the server cannot go on where it was")
	}
	return response.Body, nil
}
