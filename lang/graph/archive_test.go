package graph_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestDecompression(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		decompress, path, format, to string
		single                       bool
	}{
		{"", "a.gz", "", "a.gz", false},
		{"auto", "a.csv", "", "a.csv", false},
		{"auto", "d/a.csv.gz", "gzip", "d/a.csv", true},
		{"auto", "d/a.csv.ZST", "zstd", "d/a.csv", true},
		{"auto", "a.tar.gz", "tar.gz", "a.tar.gz", false},
		{"auto", "a.TGZ", "tar.gz", "a.TGZ", false},
		{"auto", "a.tar.zst", "tar.zst", "a.tar.zst", false},
		{"auto", "a.zip", "zip", "a.zip", false},
		{"auto", "a.tar", "tar", "a.tar", false},
		{"auto", "d/.gz", "", "d/.gz", false}, // nothing would be left of its name
		{"gzip", "d/.gz", "gzip", "d/.gz", true},
		{"gzip", "a.bin", "gzip", "a.bin", true},
		{"gzip", "a.tar.gz", "gzip", "a.tar", true},
		{"tar.gz", "a.bin", "tar.gz", "a.bin", false},
		{"zip", "a.gz", "zip", "a.gz", false},
	} {
		format, to, single := graph.Decompression(test.decompress, test.path)
		if format != test.format || to != test.to || single != test.single {
			t.Errorf("%s of %s: %s %s %t", test.decompress, test.path, format, to, single)
		}
	}
}
