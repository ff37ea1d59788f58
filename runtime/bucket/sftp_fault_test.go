package bucket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
	"github.com/waybill-dev/waybill/runtime/value"
)

// TestSFTPWithoutExtensions holds the store to its contract on a server that has
// none of OpenSSH's extensions.
func TestSFTPWithoutExtensions(t *testing.T) {
	t.Parallel()
	server := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, nil)
	conform(t, func(t *testing.T) bucket.Store {
		return openSFTP(t, feeds(server, t.TempDir()))
	}, traits{many: 500, fill: fillFolder, losesIfAbsent: true})
}

func feeds(s *servers.SFTP, dir string) bucket.Access {
	return bucket.Access{URL: "sftp://feeds@" + s.Address + dir, Password: "right", HostKey: s.HostKey}
}

// TestSFTPLinks follows links as far as they stay in the place.
func TestSFTPLinks(t *testing.T) {
	t.Parallel()
	server := servers.StartSSHD(t)
	root := filepath.Join(server.Dir, "root")
	for _, dir := range []string{"root/real/deep", "outside", "root/loop"} {
		if err := os.MkdirAll(filepath.Join(server.Dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"root/real/a", "root/real/deep/b", "outside/secret", "root/.waybill-x.part"} {
		if err := os.WriteFile(filepath.Join(server.Dir, file), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"file": "real/a", "folder": "real", "up": "real/deep/../../real/a", "over-link": "folder/deep/b",
		"leaves": "../outside/secret", "leaves-folder": "../outside", "absolute": filepath.Join(root, "real/a"), "and-back": "../root/real/a",
		"nowhere": "absent", "self": "self", "loop/in": "../loop", "real/deep/top": "../../real/deep",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := openSFTP(t, access(server, root))
	want := []string{"file", "folder/a", "folder/deep/b", "over-link", "real/a", "real/deep/b", "up"}
	if diff := cmp.Diff(want, paths(list(t, s, all()))); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	for base, want := range map[string][]string{
		"folder": {"folder/a", "folder/deep/b"}, "leaves-folder": nil, "self": nil, "file": nil, "nowhere": nil, "folder/deep": {"folder/deep/b"},
	} {
		if got := paths(list(t, s, bucket.Scope{Folders: []string{base}})); !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", base, got, want)
		}
	}
	for name, want := range map[string]string{"file": "root/real/a", "folder/deep/b": "root/real/deep/b", "up": "root/real/a"} {
		if got := read(t, s, window.Object{Path: name}); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"leaves", "leaves-folder/secret", "absolute", "self", "folder/deep/../../../outside/secret"} {
		if f, err := s.Open(t.Context(), window.Object{Path: name}); err == nil {
			t.Errorf("%s is opened: %+v", name, f.Object())
		}
		if o, err := s.Stat(t.Context(), name); err == nil {
			t.Errorf("%s is described: %+v", name, o)
		}
	}
	if _, err := s.Put(t.Context(), "leaves-folder/x", strings.NewReader(""), bucket.PutOptions{}); value.FaultOf(err) != value.Misconfigured {
		t.Errorf("it is written outside: %v", err)
	}
	if err := s.Remove(t.Context(), "leaves-folder/secret"); err == nil {
		t.Error("it is removed outside")
	}
	if _, err := os.Stat(filepath.Join(server.Dir, "outside/secret")); err != nil {
		t.Error(err)
	}
}

// TestSFTPHome takes a path that is relative to the user's folder.
func TestSFTPHome(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	server := servers.NewSFTP(t, "right", func(c io.ReadWriteCloser) error {
		s, err := sftp.NewServer(c, sftp.WithServerWorkingDirectory(home))
		if err != nil {
			return err
		}
		return s.Serve()
	}).Listen(t, nil)
	put(t, openSFTP(t, feeds(server, "/~/out/box")), "a")
	if _, err := os.Stat(filepath.Join(home, "out", "box", "a")); err != nil {
		t.Error(err)
	}
	if got := paths(list(t, openSFTP(t, feeds(server, "/~")), all())); !slices.Equal(got, []string{"out/box/a"}) {
		t.Errorf("there is %v", got)
	}
}

// limited ends a connection after some bytes were sent to the client.
type limited struct {
	net.Conn
	left *atomic.Int64
}

func (c *limited) Write(p []byte) (int, error) {
	if c.left.Add(-int64(len(p))) < 0 {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

func (c *limited) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.left.Add(-int64(n)) < 0 {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

// TestSFTPCut cuts connections in the middle of a file. The next operation makes a
// new one.
func TestSFTPCut(t *testing.T) {
	t.Parallel()
	var left atomic.Int64
	server := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, func(c net.Conn) net.Conn { return &limited{c, &left} })
	dir := t.TempDir()
	big := strings.Repeat("0123456789abcdef", 512<<10)
	if err := os.WriteFile(filepath.Join(dir, "big"), []byte(big), 0o644); err != nil {
		t.Fatal(err)
	}
	s := openSFTP(t, feeds(server, dir))

	left.Store(4 << 20)
	f, err := s.Open(t.Context(), window.Object{Path: "big"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	wantFault(t, err, value.SourceError, "the connection to "+server.Address+" was lost")
	if len(text) == 0 || len(text) >= len(big) {
		t.Errorf("%d bytes were read", len(text))
	}
	_ = f.Close()

	left.Store(4 << 20)
	_, err = s.Put(t.Context(), "copy", strings.NewReader(big), bucket.PutOptions{Size: int64(len(big))})
	wantFault(t, err, value.SourceError, "the connection to "+server.Address+" was lost")

	left.Store(1 << 30)
	if got := read(t, s, window.Object{Path: "big"}); got != big {
		t.Errorf("%d bytes", len(got))
	}
	if got := paths(list(t, s, all())); !slices.Equal(got, []string{"big"}) {
		t.Errorf("there is %v", got)
	}
	put(t, s, "copy")

	left.Store(100)
	s = openSFTP(t, feeds(server, dir))
	_, err = s.List(t.Context(), all())
	wantFault(t, err, value.SourceError, server.Address+" ended the connection before it let anybody in")
}

// TestSFTPCutWhileNobodyReads goes on over another connection, though a file of the
// old one is open and has bytes that nobody takes, and closes as well.
func TestSFTPCutWhileNobodyReads(t *testing.T) {
	t.Parallel()
	var left atomic.Int64
	left.Store(1 << 20)
	server := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, func(c net.Conn) net.Conn { return &limited{c, &left} })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "big"), make([]byte, 8<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	s := openSFTP(t, feeds(server, dir))
	f, err := s.Open(t.Context(), window.Object{Path: "big"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for err = io.EOF; err != nil && t.Context().Err() == nil; { // some may still meet the old connection
			_, err = s.Stat(t.Context(), "big")
			left.Store(1 << 30)
		}
		_ = s.Close()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for who reads")
	}
	if err != nil {
		t.Error(err)
	}
	_ = f.Close()
}

// TestSFTPChanges looks at files that change while they are read.
func TestSFTPChanges(t *testing.T) {
	t.Parallel()
	server := servers.StartSSHD(t)
	s := openSFTP(t, access(server, server.Dir))
	name := filepath.Join(server.Dir, "a")
	for what, change := range map[string]func(*os.File) error{
		"shorter": func(f *os.File) error { return f.Truncate(100) },
		"longer":  func(f *os.File) error { _, err := f.WriteAt([]byte("more"), 1<<20); return err },
	} {
		if err := os.WriteFile(name, make([]byte, 1<<20), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := s.Open(t.Context(), window.Object{Path: "a"})
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(file); err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		_, err = io.ReadAll(f)
		wantFault(t, err, value.NotReady, "it changed while it was read: it had 1048576 bytes")
		if err == nil {
			t.Error(what)
		}
		_ = f.Close()
	}
}

// broken is a server in memory, of which some requests fail.
type broken struct {
	sftp.Handlers
	fail func(method, path string) error
}

func (b *broken) handlers() sftp.Handlers {
	return sftp.Handlers{FileGet: b, FilePut: b, FileCmd: b, FileList: b}
}

func (b *broken) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	if err := b.fail("read", r.Filepath); err != nil {
		return nil, err
	}
	return b.FileGet.Fileread(r)
}

func (b *broken) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	if err := b.fail("open", r.Filepath); err != nil {
		return nil, err
	}
	w, err := b.FilePut.Filewrite(r)
	return &brokenWriter{w, b, r.Filepath}, err
}

func (b *broken) Filecmd(r *sftp.Request) error {
	if err := b.fail(r.Method, r.Filepath); err != nil {
		return err
	}
	return b.FileCmd.Filecmd(r)
}

func (b *broken) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if err := b.fail(r.Method, r.Filepath); err != nil {
		return nil, err
	}
	return b.FileList.Filelist(r)
}

func (b *broken) Lstat(r *sftp.Request) (sftp.ListerAt, error) {
	return b.FileList.(sftp.LstatFileLister).Lstat(r)
}

type brokenWriter struct {
	io.WriterAt
	b    *broken
	path string
}

func (w *brokenWriter) WriteAt(p []byte, at int64) (int, error) {
	if err := w.b.fail("write", w.path); err != nil {
		return 0, err
	}
	return w.WriterAt.WriteAt(p, at)
}

// TestSFTPRefusals says what a server refuses, and what its user needs.
func TestSFTPRefusals(t *testing.T) {
	t.Parallel()
	list := func(s bucket.Store) error { _, err := s.List(t.Context(), all()); return err }
	open := func(s bucket.Store) error { _, err := s.Open(t.Context(), window.Object{Path: "in/a"}); return err }
	write := func(s bucket.Store) error {
		_, err := s.Put(t.Context(), "in/new", strings.NewReader(strings.Repeat("x", 1<<20)), bucket.PutOptions{Size: 1 << 20})
		return err
	}
	remove := func(s bucket.Store) error { return s.Remove(t.Context(), "in/a") }
	full := errors.New("no space left on device")
	for name, test := range map[string]struct {
		method string
		err    error
		do     func(bucket.Store) error
		fault  value.Fault
		says   string
	}{
		"a folder":            {"List", sftp.ErrSSHFxPermissionDenied, list, value.Misconfigured, "user feeds of ADDRESS has no permission to read the folder /in"},
		"a folder, by itself": {"List", full, list, value.SourceError, "ADDRESS failed to read the folder /in"},
		"a file":              {"read", sftp.ErrSSHFxPermissionDenied, open, value.Misconfigured, "has no permission to read /in/a"},
		"to make a file":      {"open", sftp.ErrSSHFxPermissionDenied, write, value.Misconfigured, "has no permission to write in the folder /in"},
		"to make a folder": {"Mkdir", sftp.ErrSSHFxPermissionDenied, func(s bucket.Store) error {
			_, err := s.Put(t.Context(), "new/a", strings.NewReader(""), bucket.PutOptions{})
			return err
		}, value.Misconfigured, "has no permission to write in the folder /new"},
		"a full disk":                           {"write", full, write, value.Failed, "is its disk full, or the user's quota used up?"},
		"to rename":                             {"Rename", sftp.ErrSSHFxPermissionDenied, write, value.Misconfigured, "has no permission to write in the folder /in"},
		"to remove":                             {"Remove", sftp.ErrSSHFxPermissionDenied, remove, value.Misconfigured, "has no permission to remove /in/a"},
		"to look a file up, once it is written": {"Rename", full, write, value.Failed, "could not write in /in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var isOn atomic.Bool
			b := &broken{Handlers: sftp.InMemHandler(), fail: func(method, path string) error {
				if isOn.Load() && method == test.method && path != "/" {
					return test.err
				}
				return nil
			}}
			server := servers.NewSFTP(t, "right", servers.ServeHandlers(b.handlers())).Listen(t, nil)
			s := openSFTP(t, feeds(server, "/"))
			put(t, s, "in/a")
			isOn.Store(true)
			wantFault(t, test.do(s), test.fault, strings.ReplaceAll(test.says, "ADDRESS", server.Address))
			isOn.Store(false)
			if got := paths(openList(t, s)); !slices.Contains(got, "in/a") || slices.Contains(got, "in/new") {
				t.Errorf("there is %v", got)
			}
			if test.method == "write" || test.method == "Rename" { // nothing is left of it
				put(t, s, "in/new")
			}
		})
	}

	none := servers.NewSFTP(t, "right", nil).Listen(t, nil)
	wantFault(t, list(openSFTP(t, feeds(none, "/"))), value.Misconfigured, "lets user feeds in but gives no SFTP")
}

func openList(t *testing.T, s bucket.Store) []window.Object {
	t.Helper()
	return list(t, s, all())
}

// TestSFTPReplaceFails keeps the old file where the new one cannot take its place.
func TestSFTPReplaceFails(t *testing.T) {
	t.Parallel()
	b := &broken{Handlers: sftp.InMemHandler(), fail: func(string, string) error { return nil }}
	server := servers.NewSFTP(t, "right", servers.ServeHandlers(b.handlers())).Listen(t, nil)
	s := openSFTP(t, feeds(server, "/"))
	put(t, s, "a")
	var renames atomic.Int32
	b.fail = func(method, _ string) error {
		if method == "Rename" && renames.Add(1) == 2 { // the first puts the old one aside
			return errors.New("no")
		}
		return nil
	}
	if _, err := s.Put(t.Context(), "a", strings.NewReader("new"), bucket.PutOptions{Size: 3}); err == nil {
		t.Error("it was written")
	}
	if got := read(t, s, window.Object{Path: "a"}); got != "a" {
		t.Errorf("there is %q", got)
	}
}

// queued is one end of a connection in memory that takes what is written at once.
// While it is mute it loses all of it.
type queued struct {
	net.Conn
	queue  chan []byte
	ended  context.Context
	end    context.CancelFunc
	isMute atomic.Bool
}

func newQueued(c net.Conn) *queued {
	q := &queued{Conn: c, queue: make(chan []byte, 1000)}
	q.ended, q.end = context.WithCancel(context.Background())
	go func() {
		for {
			select {
			case p := <-q.queue:
				if _, err := c.Write(p); err != nil {
					return
				}
			case <-q.ended.Done():
				return
			}
		}
	}()
	return q
}

func (q *queued) Write(p []byte) (int, error) {
	if q.isMute.Load() {
		return len(p), nil
	}
	select {
	case q.queue <- slices.Clone(p):
		return len(p), nil
	case <-q.ended.Done():
		return 0, net.ErrClosed
	}
}

func (q *queued) Close() error {
	q.end()
	return q.Conn.Close()
}

// TestSFTPSilence gives up a server that says nothing more, and stops within a
// second when it is to.
func TestSFTPSilence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(context.Context, bucket.Store) error
		time time.Duration // at most
	}{
		"list": {func(ctx context.Context, s bucket.Store) error { _, err := s.List(ctx, all()); return err }, 80 * time.Second},
		"stat": {func(ctx context.Context, s bucket.Store) error { _, err := s.Stat(ctx, "a"); return err }, 80 * time.Second},
		"put": {func(ctx context.Context, s bucket.Store) error {
			_, err := s.Put(ctx, "b", strings.NewReader("b"), bucket.PutOptions{Size: 1})
			return err
		}, 80 * time.Second},
		"remove": {func(ctx context.Context, s bucket.Store) error { return s.Remove(ctx, "a") }, 80 * time.Second},
	} {
		for _, isStopped := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				silence(t, test.do, isStopped, test.time)
			})
		}
	}
}

func silence(t *testing.T, do func(context.Context, bucket.Store) error, isStopped bool, atMost time.Duration) {
	server := servers.NewSFTP(t, "right", servers.ServeHandlers(sftp.InMemHandler()))
	synctest.Test(t, func(t *testing.T) {
		s, err := bucket.Open(t.Context(), "", bucket.Access{URL: "sftp://feeds@example.com/", Password: "right", HostKey: server.HostKey})
		if err != nil {
			t.Fatal(err)
		}
		var far *queued
		bucket.Dial(s, func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			far = newQueued(there)
			go server.Serve(far)
			return newQueued(here), nil
		})
		put(t, s, "a")
		time.Sleep(10 * time.Minute) // a connection that is not used stays
		put(t, s, "a")
		far.isMute.Store(true)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if isStopped {
			stop := time.AfterFunc(5*time.Second, cancel)
			defer stop.Stop()
			atMost = 6 * time.Second
		}
		begin := time.Now()
		err = do(ctx, s)
		if took := time.Since(begin); took > atMost {
			t.Errorf("it took %v", took)
		}
		if isStopped {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		} else {
			wantFault(t, err, value.SourceError, "the connection to example.com:22 was lost: the server said nothing for 1m0s")
		}
		put(t, s, "after") // over a new connection
		_ = s.Close()
	})
}

// Files may be closed while their store is.
func TestSFTPClosesFilesAndStoreAtOnce(t *testing.T) {
	t.Parallel()
	server, dir := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, nil), t.TempDir()
	putFiles(t, dir, "a")
	for range 20 {
		s := openSFTP(t, bucket.Access{URL: "sftp://feeds@" + server.Address + dir, Password: "right", HostKey: server.HostKey})
		var closing sync.WaitGroup
		for range 8 {
			f, err := s.Open(t.Context(), window.Object{Path: "a"})
			if err != nil {
				t.Fatal(err)
			}
			closing.Go(func() { _ = f.Close() })
		}
		closing.Go(func() { _ = s.Close() })
		closing.Wait()
	}
}
