package runtime

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
)

// shelf is a bucket in which every file says the same, and that counts how often
// one was opened.
type shelf struct {
	bucket.Bucket
	opened int
}

func (s *shelf) Open(_ context.Context, o window.Object) (bucket.File, error) {
	s.opened++
	return page{strings.NewReader("0123456789abcdef0123456789abcdef  a.csv\n"), o}, nil
}

type page struct {
	io.Reader
	of window.Object
}

func (page) Close() error                                  { return nil }
func (p page) Object() window.Object                       { return p.of }
func (p page) Stat(context.Context) (window.Object, error) { return p.of, nil }
func object(path, etag string) window.Object {
	return window.Object{Path: path, Size: 1, ModTime: time.Unix(0, 0), ETag: etag}
}
func placeOf(access string) location { return location{place: "s3://b", access: access} }

// A list of files is read once for each version that its source names, and each
// time where it names none.
func TestManifestsAreReadOnce(t *testing.T) {
	t.Parallel()
	var known manifests
	s := &shelf{}
	for i, c := range []struct {
		at     location
		o      window.Object
		opened int
	}{
		{placeOf(""), object("sums", "e1"), 1},
		{placeOf(""), object("sums", "e1"), 0},
		{placeOf(""), object("sums", "e2"), 1},
		{placeOf("other"), object("sums", "e1"), 1},
		{placeOf(""), object("plain", ""), 1},
		{placeOf(""), object("plain", ""), 1},
	} {
		s.opened = 0
		all, err := known.get(t.Context(), s, c.at, []window.Object{c.o})
		if err != nil || len(all[c.o.Path].Files) != 1 {
			t.Fatalf("%d: %+v, %v", i, all, err)
		}
		if s.opened != c.opened {
			t.Errorf("%d: opened %d times, want %d", i, s.opened, c.opened)
		}
	}
	for i := range 3 * mostManifests {
		if _, err := known.get(t.Context(), s, location{}, []window.Object{object("sums", strings.Repeat("x", i))}); err != nil {
			t.Fatal(err)
		}
	}
	if len(known.known) > mostManifests {
		t.Errorf("%d are kept", len(known.known))
	}
}
