package landing_test

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

// What is not as its manifest says never lands, and the error names both.
func TestLandChecksWhatTheManifestSays(t *testing.T) {
	t.Parallel()
	const content = "id,name\n1,\"a\nb\"\n2,c\n"
	sha, md := sha256.Sum256([]byte(content)), md5.Sum([]byte(content))
	sum256, sum5 := hex.EncodeToString(sha[:]), hex.EncodeToString(md[:])
	other256, other5 := strings.Repeat("ab", 32), strings.Repeat("ab", 16)
	n := func(n int64) *int64 { return &n }
	for name, test := range map[string]struct {
		file, content string
		check         window.Check
		says          []string // of the error; nil: it lands
	}{
		"nothing":                {"a.csv", content, window.Check{}, nil},
		"all as listed":          {"a.csv", content, window.Check{Size: n(int64(len(content))), SHA256: sum256, MD5: sum5, Rows: n(2)}, nil},
		"rows with the header":   {"a.csv", content, window.Check{Rows: n(3)}, nil},
		"another size":           {"a.csv", content, window.Check{Size: n(5)}, []string{"its size is 20", "m says 5"}},
		"another SHA-256":        {"a.csv", content, window.Check{SHA256: other256}, []string{sum256, "m says " + other256}},
		"another MD5":            {"a.csv", content, window.Check{MD5: other5}, []string{sum5, "m says " + other5}},
		"too few rows":           {"a.csv", content, window.Check{Rows: n(4)}, []string{"number of rows is 3", "m says 4"}},
		"too many rows":          {"a.CSV", content, window.Check{Rows: n(1)}, []string{"number of rows is 3"}},
		"no break at the end":    {"a.csv", "h\n1\n2", window.Check{Rows: n(2)}, nil},
		"quotes within fields":   {"a.tsv", "size\tnote\n5\" nail\tx\n6\"\"\ty\n7\t\"a \"\"b\n\"\n", window.Check{Rows: n(3)}, nil},
		"more of them":           {"a.csv", "h\n5\" nail\n\n", window.Check{Rows: n(5)}, []string{"number of rows is 3"}},
		"a byte order mark":      {"a.csv", "\ufeff\"a\nb\"\n1\n", window.Check{Rows: n(1)}, nil},
		"lines of JSON":          {"a.jsonl", "{\"a\":\"\\\"\"}\n{}\n", window.Check{Rows: n(2)}, nil},
		"one line too many":      {"a.ndjson", "{}\n{}\n", window.Check{Rows: n(1)}, []string{"number of rows is 2"}},
		"no rows in it":          {"a.jsonl", "", window.Check{Rows: n(0)}, nil},
		"a kind of no rows":      {"a.csv.gz", "x", window.Check{Rows: n(9)}, nil},
		"empty, and listed full": {"a.csv", "", window.Check{SHA256: sum256}, []string{"e3b0c442", sum256}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			item := put(t, dir, test.file, test.content)
			test.check.Manifest = "m"
			item.Check = &test.check
			files, err := open(t, dir).Land(t.Context(), job(item))
			if len(test.says) == 0 {
				if err != nil || len(files) != 1 {
					t.Errorf("%v %v", files, err)
				}
				return
			}
			if value.FaultOf(err) != value.SourceError {
				t.Fatalf("error %v", err)
			}
			for _, says := range test.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%q is not in %v", says, err)
				}
			}
			_ = filepath.WalkDir(filepath.Join(dir, "landing"), func(path string, e os.DirEntry, err error) error {
				if err == nil && !e.IsDir() {
					t.Errorf("%s is there", path)
				}
				return err
			})
		})
	}
}
