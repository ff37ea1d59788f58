package graph

import "strings"

// DecompressAuto is the File.Decompress that goes by the end of a file's name.
const DecompressAuto = "auto"

// Decompressions are the values of File.Decompress.
var Decompressions = []string{DecompressAuto, "gzip", "zstd", "zip", "tar", "tar.gz", "tar.zst"}

// archives are the formats by how names end, longer ends first, and whether there is
// one file in them, whose name is the rest.
var archives = []struct {
	format string
	ends   []string
	single bool
}{
	{"tar.gz", []string{".tar.gz", ".tgz"}, false},
	{"tar.zst", []string{".tar.zst", ".tar.zstd", ".tzst"}, false},
	{"gzip", []string{".gz", ".gzip"}, true},
	{"zstd", []string{".zst", ".zstd"}, true},
	{"zip", []string{".zip"}, false},
	{"tar", []string{".tar"}, false},
}

// Decompression returns what a file is decompressed as, "" where it lands as it is;
// the path at which its one file lands, or the folder of its files; and whether
// there is one.
func Decompression(decompress, path string) (format, to string, single bool) {
	for _, a := range archives {
		if decompress != a.format && decompress != DecompressAuto {
			continue
		}
		for _, end := range a.ends {
			rest := len(path) - len(end)
			if rest <= 0 || path[rest-1] == '/' || !strings.EqualFold(path[rest:], end) {
				continue
			}
			if a.single {
				return a.format, path[:rest], true
			}
			return a.format, path, false
		}
		if decompress == a.format {
			return a.format, path, a.single
		}
	}
	return "", path, false
}
