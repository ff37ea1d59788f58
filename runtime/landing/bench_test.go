package landing_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/landing"
)

// noise writes a file that does not compress, so fast that it is not what a test
// waits for.
func noise(tb testing.TB, name string, size int64) {
	tb.Helper()
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	block := make([]byte, 1<<20)
	state := uint64(88172645463325252)
	for done := int64(0); done < size; done += int64(len(block)) {
		for i := range block {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			block[i] = byte(state)
		}
		if _, err := f.Write(block[:min(int64(len(block)), size-done)]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

// from lists what a store has as the items of a job.
func from(tb testing.TB, s bucket.Store) []landing.Item {
	tb.Helper()
	objects, err := s.List(tb.Context(), bucket.Scope{Folders: []string{""}})
	if err != nil {
		tb.Fatal(err)
	}
	var items []landing.Item
	for _, o := range objects {
		items = append(items, landing.Item{
			Taken: window.Taken{File: "orders", Object: o},
			Open:  func(ctx context.Context) (bucket.File, error) { return s.Open(ctx, o) },
		})
	}
	return items
}

// folderStore and s3Store make empty stores.
func folderStore(tb testing.TB) bucket.Store {
	tb.Helper()
	s, err := bucket.MakeFolder(tb.TempDir(), "store")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func s3Store(tb testing.TB) bucket.Store {
	tb.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("acme"); err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	tb.Cleanup(server.Close)
	s, err := bucket.Open(tb.Context(), "", bucket.Access{
		URL: "s3://acme?region=eu-central-1&path_style=true&endpoint=" + server.URL, AccessKey: "key", SecretKey: "secret",
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// BenchmarkLanding compares landing with copying file after file by the same
// library, which is as durable: what landing adds is checksums, rows, its manifest,
// and that several files are on their way at once.
func BenchmarkLanding(b *testing.B) {
	const files, size = 4, 32 << 20
	dir := b.TempDir()
	for n := range files {
		noise(b, filepath.Join(dir, fmt.Sprintf("%d.csv", n)), size)
	}
	local, err := bucket.OpenFolder("", dir)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = local.Close() }()
	for name, make := range map[string][2]func(testing.TB) bucket.Store{
		"folder to folder": {nil, folderStore}, "folder to S3": {nil, s3Store}, "S3 to S3": {s3Store, s3Store}, "S3 to folder": {s3Store, folderStore},
	} {
		source := bucket.Store(local)
		if make[0] != nil {
			source = make[0](b)
			for _, i := range from(b, local) {
				copyFile(b, source, i)
			}
		}
		items := from(b, source)
		b.Run(name+"/copy", func(b *testing.B) {
			b.SetBytes(files * size)
			to := make[1](b)
			for b.Loop() {
				for _, i := range items {
					copyFile(b, to, i)
				}
			}
		})
		b.Run(name+"/land", func(b *testing.B) {
			b.SetBytes(files * size)
			to := make[1](b)
			l := landing.In(to, "s3://to", b.TempDir())
			if folder, ok := to.(*bucket.Folder); ok {
				var err error
				if l, err = landing.Open(b.Context(), landing.Options{URL: folder.Path()}); err != nil {
					b.Fatal(err)
				}
			}
			j := job(items...)
			j.Parallel = 0
			for b.Loop() {
				if err := to.Remove(b.Context(), place+"manifest.json"); err != nil { // so that it lands anew
					b.Fatal(err)
				}
				if _, err := l.Land(b.Context(), j); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func copyFile(tb testing.TB, to bucket.Store, i landing.Item) {
	tb.Helper()
	f, err := i.Open(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := to.Put(tb.Context(), i.Object.Path, f, bucket.PutOptions{Size: i.Object.Size}); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkLandSparse lands 5 GB into a store that keeps nothing, and reports the
// most memory that was in use.
func BenchmarkLandSparse(b *testing.B) {
	const size = 5 << 30
	item := sparse(b, size)
	b.SetBytes(size)
	for b.Loop() {
		b.ReportMetric(float64(landSparse(b, item))/(1<<20), "MB-peak")
	}
}

// sparse is an item of a file that has nothing but its size.
func sparse(tb testing.TB, size int64) landing.Item {
	tb.Helper()
	full := filepath.Join(tb.TempDir(), "big.bin")
	f, err := os.Create(full)
	if err != nil {
		tb.Fatal(err)
	}
	if err := f.Truncate(size); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	item, err := take(full, "big.bin")
	if err != nil {
		tb.Fatal(err)
	}
	return item
}

// landSparse lands an item into a store that keeps nothing, and returns the most
// memory that the process had from the system for its heap meanwhile.
func landSparse(tb testing.TB, item landing.Item) (peak uint64) {
	tb.Helper()
	j := job(item)
	pieces := 0
	j.Progress = func(landing.Progress) {
		if pieces++; pieces%400 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse+m.StackInuse)
		}
	}
	l := landing.In(&sink{}, "s3://sink", tb.TempDir())
	files, err := l.Land(tb.Context(), j)
	if err != nil || len(files) != 1 || files[0].Size != item.Object.Size {
		tb.Fatalf("%v %v", files, err)
	}
	return peak
}
