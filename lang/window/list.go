package window

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// MaxManifest is how many bytes of a manifest are read. A longer one is not
// readable.
const MaxManifest = 16 << 20

// ParseManifest reads a producer's list of files. It is either the lines that
// sha256sum and md5sum write, with or without --tag, or one checksum alone; or
// JSON:
//
//	{"files": [{"path": "…", "size": 12, "sha256": "…", "md5": "…", "rows": 3}]}
//
// of which path is required and further fields are of no interest. The Error of
// the manifest says what is wrong with it.
func ParseManifest(path string, text []byte) graph.Manifest {
	m := graph.Manifest{Path: path}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	var err error
	switch {
	case len(text) == 0:
		err = errors.New("it is empty")
	case text[0] == '{':
		m.Files, err = parseList(text)
	default:
		m.Files, err = parseSums(string(text))
	}
	if err != nil {
		m.Files, m.Error = nil, err.Error()
	}
	return m
}

func parseList(text []byte) ([]graph.ListedFile, error) {
	var list struct {
		Files *[]graph.ListedFile `json:"files"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("it is not whole JSON of the form {\"files\": [{\"path\": …}]}: %w", err)
	}
	if list.Files == nil {
		return nil, errors.New("it has no \"files\"")
	}
	for i := range *list.Files {
		f := &(*list.Files)[i]
		f.SHA256, f.MD5 = strings.ToLower(f.SHA256), strings.ToLower(f.MD5)
		switch {
		case f.Path == "":
			return nil, fmt.Errorf("file %d of it has no path", i+1)
		case f.SHA256 != "" && sumKind(f.SHA256) != sha256Sum:
			return nil, fmt.Errorf("the sha256 of %s is not 64 hexadecimal digits", f.Path)
		case f.MD5 != "" && sumKind(f.MD5) != md5Sum:
			return nil, fmt.Errorf("the md5 of %s is not 32 hexadecimal digits", f.Path)
		case f.Size != nil && *f.Size < 0 || f.Rows != nil && *f.Rows < 0:
			return nil, fmt.Errorf("%s has less than nothing", f.Path)
		}
	}
	return *list.Files, nil
}

// The lengths of checksums in hexadecimal digits.
const (
	sha256Sum = 64
	md5Sum    = 32
)

// sumKind is the length of a checksum, 0 for a text that is none.
func sumKind(text string) int {
	if _, err := hex.DecodeString(text); err != nil || len(text) != sha256Sum && len(text) != md5Sum {
		return 0
	}
	return len(text)
}

func parseSums(text string) ([]graph.ListedFile, error) {
	var files []graph.ListedFile
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sum, name := splitSum(line)
		f := graph.ListedFile{Path: name}
		switch sum = strings.ToLower(sum); sumKind(sum) {
		case sha256Sum:
			f.SHA256 = sum
		case md5Sum:
			f.MD5 = sum
		default:
			return nil, fmt.Errorf("line %d has no whole checksum, SHA-256 or MD5", n)
		}
		files = append(files, f)
	}
	for _, f := range files {
		if f.Path == "" && len(files) > 1 {
			return nil, errors.New("it has a checksum without the name of a file")
		}
	}
	return files, nil
}

// splitSum splits a line into the checksum and the name: "SUM  name", "SUM *name",
// "SHA256 (name) = SUM", or a checksum alone. A \ in front says that the name
// writes line breaks as \n and \ twice.
func splitSum(line string) (sum, name string) {
	line, escaped := strings.CutPrefix(line, `\`)
	for _, tag := range []string{"SHA256 (", "MD5 ("} {
		if rest, ok := strings.CutPrefix(line, tag); ok {
			if at := strings.LastIndex(rest, ") = "); at >= 0 {
				return rest[at+len(") = "):], unescape(rest[:at], escaped)
			}
		}
	}
	sum, name, found := strings.Cut(line, " ")
	if found && name != "" && (name[0] == ' ' || name[0] == '*') {
		name = name[1:]
	}
	return sum, unescape(name, escaped)
}

func unescape(name string, escaped bool) string {
	if !escaped {
		return name
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r").Replace(name)
}
