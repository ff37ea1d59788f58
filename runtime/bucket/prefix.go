package bucket

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/runtime/value"
)

// byPrefix is the scope of a bucket that lists by prefixes alone: those of s, or
// its folders where it has none, each once, and none that another one covers.
func byPrefix(s Scope) Scope {
	all := slices.Clone(s.Prefixes)
	if len(all) == 0 {
		for _, f := range s.Folders {
			if f = strings.TrimSuffix(f, "/"); f != "" && f != "." {
				f += "/"
			} else {
				f = ""
			}
			all = append(all, f)
		}
	}
	slices.Sort(all)
	var out []string
	for _, p := range all {
		if len(out) == 0 || !strings.HasPrefix(p, out[len(out)-1]) {
			out = append(out, p)
		}
	}
	return Scope{Folders: foldersOf(out), Prefixes: out}
}

// foldersOf are the folders that prefixes are in.
func foldersOf(prefixes []string) []string {
	var out []string
	for _, p := range prefixes {
		out = append(out, p[:max(strings.LastIndexByte(p, '/'), 0)])
	}
	return slices.Compact(out)
}

// checkScope refuses folders and prefixes that lead out of the bucket.
func checkScope(op string, s Scope) error {
	for _, f := range slices.Concat(s.Folders, foldersOf(s.Prefixes)) {
		if f = strings.TrimSuffix(f, "/"); f != "" && !fs.ValidPath(f) {
			return value.Misconfigured.Errorf(op, "%q is not a folder inside it", f)
		}
	}
	return nil
}
