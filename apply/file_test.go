package apply_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/apply"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

func encode(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	text, err := apply.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func example(schedule string) *plan.Plan {
	return small(serving(workspace("0 13 * * *")).current, workspace(schedule))
}

func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "next.plan")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := example("0 14 * * *")
	if err := apply.Write(path, p); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	back, err := apply.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encode(t, p), encode(t, back)) {
		t.Error("the plan that was read is not the one that was written")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("files left over: %v", left)
	}
}

func TestWriteFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := apply.Write(path, example("0 14 * * *")); err == nil || !strings.Contains(err.Error(), "save plan") {
		t.Errorf("over a folder: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("files left over: %v", left)
	}
	if err := apply.Write(filepath.Join(dir, "no", "folder"), example("0 14 * * *")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into no folder: %v", err)
	}
	if _, err := apply.Read(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading no file: %v", err)
	}
}

func TestEncodeIsDeterministic(t *testing.T) {
	t.Parallel()
	first := encode(t, example("0 14 * * *"))
	for range 10 {
		if !bytes.Equal(first, encode(t, example("0 14 * * *"))) {
			t.Fatal("two files of one plan differ")
		}
	}
}

// fault is what Decode says is wrong, empty for a plan.
func fault(t testing.TB, data []byte) apply.Fault {
	t.Helper()
	_, err := apply.Decode(data)
	if err == nil {
		return ""
	}
	var f *apply.FileError
	if !errors.As(err, &f) {
		t.Fatalf("%v is a %T", err, err)
	}
	return f.Fault
}

// A file that ends early is refused as cut, wherever it ends. Only the line feed
// behind the plan may go.
func TestTruncated(t *testing.T) {
	t.Parallel()
	whole := encode(t, example("0 14 * * *"))
	for n := range len(whole) - 1 {
		if got := fault(t, whole[:n]); got != apply.Cut {
			t.Fatalf("%d of %d bytes: %q", n, len(whole), got)
		}
	}
	if got := fault(t, whole[:len(whole)-1]); got != "" {
		t.Errorf("without the last line feed: %q", got)
	}
}

// A file in which one byte differs, in any bit, is refused or is the same plan.
func TestAltered(t *testing.T) {
	t.Parallel()
	p := example("0 14 * * *")
	whole := encode(t, p)
	refused := 0
	for i := range whole {
		for bit := range 8 {
			data := bytes.Clone(whole)
			data[i] ^= 1 << bit
			back, err := apply.Decode(data)
			if err != nil {
				refused++
				continue
			}
			if !bytes.Equal(encode(t, back), whole) {
				t.Fatalf("byte %d, bit %d: another plan was read", i, bit)
			}
		}
	}
	if refused < len(whole)*8*9/10 {
		t.Errorf("only %d of %d alterations were refused", refused, len(whole)*8)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	whole := encode(t, example("0 14 * * *"))
	for name, tt := range map[string]struct {
		data []byte
		want apply.Fault
	}{
		"empty":             {nil, apply.Cut},
		"text":              {[]byte("hello"), apply.Foreign},
		"foreign JSON":      {[]byte(`{"format_version":"1.0"}`), apply.Foreign},
		"plan --json":       {mustJSON(t, example("0 14 * * *")), apply.Foreign},
		"newer":             {bytes.Replace(whole, []byte(`"format_version":1`), []byte(`"format_version":2`), 1), apply.Newer},
		"no such version":   {bytes.Replace(whole, []byte(`"format_version":1`), []byte(`"format_version":0`), 1), apply.Altered},
		"edited":            {bytes.Replace(whole, []byte("0 14 * * *"), []byte("0 15 * * *"), 1), apply.Altered},
		"two plans":         {append(bytes.Clone(whole), whole...), apply.Altered},
		"something behind":  {append(bytes.Clone(whole), "x"...), apply.Altered},
		"newer workspace":   {resealed(t, func(p *plan.Plan) { p.Graph.FormatVersion = graph.FormatVersion + 1; p.GraphDigest = p.Graph.Digest() }), apply.Newer},
		"another workspace": {resealed(t, func(p *plan.Plan) { p.Graph.Landing = "elsewhere" }), apply.Altered},
		"another format":    {resealed(t, func(p *plan.Plan) { p.FormatVersion = "9.0" }), apply.Altered},
		"no workspace":      {resealed(t, func(p *plan.Plan) { p.Graph = nil }), apply.Altered},
	} {
		if got := fault(t, tt.data); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// resealed is a file with a digest that is right and a plan that was changed.
func resealed(t *testing.T, change func(*plan.Plan)) []byte {
	t.Helper()
	p := example("0 14 * * *")
	change(p)
	return encode(t, p)
}

// The error of Read names the file and says what is wrong with it.
func TestReadNamesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "next.plan")
	whole := encode(t, example("0 14 * * *"))
	if err := os.WriteFile(path, whole[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := apply.Read(path)
	if err == nil || !strings.Contains(err.Error(), path+" was cut short: it ends after 100 bytes") {
		t.Errorf("%v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(after, whole[:100]) {
		t.Error("reading touched the file")
	}
}
