package lang

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/diag"
)

// How much text a workspace may have. The syntax of a file takes some hundred
// times its size while it is read.
const (
	maxFileSize  = 16 << 20
	maxFilesSize = 256 << 20
)

// unread is a file of the workspace that was not read, and why.
type unread struct {
	code            diag.Code
	summary, detail string
}

// readSources reads files of a directory. It opens nothing but regular files, so
// that a pipe cannot make it wait for ever. The error is a fault of the machine.
func readSources(dir string, names []string) (map[string][]byte, []unread, error) {
	sources := map[string][]byte{}
	var left []unread
	total := 0
	for _, name := range names {
		text, trouble, err := readRegular(dir, name)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("read workspace: %w", err)
		case trouble != nil:
			left = append(left, *trouble)
			continue
		}
		if total += len(text); total > maxFilesSize {
			left = append(left, unread{diag.LargeFile, "Workspace that is too large",
				fmt.Sprintf("The files of the workspace have more than %d MB together; %s and what comes after it was not read. Divide the workspace, or make blocks by for_each.", maxFilesSize>>20, name)})
			break
		}
		sources[name] = text
	}
	return sources, left, nil
}

// readRegular reads a file that is one, and not too large.
func readRegular(dir, name string) ([]byte, *unread, error) {
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &unread{diag.NotAFile, "Link that leads nowhere", name + " is a link to a file that is not there. Make the file, or remove the link."}, nil
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return nil, &unread{diag.NotAFile, "Directory with the name of a file", name + " is a directory, and its name that of a file of the workspace. Give it another name."}, nil
	case !info.Mode().IsRegular():
		return nil, &unread{diag.NotAFile, "Not a regular file", name + " is a pipe, a socket or a device, which is not read. Write a file, or take it away."}, nil
	case info.Size() > maxFileSize:
		return nil, &unread{diag.LargeFile, "File that is too large",
			fmt.Sprintf("%s has %d MB; a file of the workspace has at most %d. Divide it, or make blocks by for_each. Data is landed by couriers and does not belong here.", name, info.Size()>>20, maxFileSize>>20)}, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFileSize))
	return text, nil, err
}

// reportUnread reports the files that were not read.
func reportUnread(left []unread, r *report) {
	for _, u := range left {
		r.add(u.code, nil, u.summary, "%s", u.detail)
	}
}

// readable takes out of the sources what is not text, with a message, and puts
// a question mark for single bytes that are none, so that all the rest is checked.
// It reports whether a file was taken out.
func readable(sources map[string][]byte, r *report) (lost bool) {
	for _, name := range keys(sources) {
		text := sources[name]
		at := notText(text)
		if at < 0 {
			continue
		}
		line := bytes.LastIndexByte(text[:at], '\n') + 1
		pos := diag.Pos{Line: 1 + bytes.Count(text[:at], []byte("\n")), Column: 1 + utf8.RuneCount(text[line:at]), Byte: at}
		where := &diag.Range{Filename: name, Start: pos, End: diag.Pos{Line: pos.Line, Column: pos.Column + 1, Byte: at + 1}}
		if bytes.IndexByte(text, 0) >= 0 {
			delete(sources, name)
			lost = true
			r.add(diag.NotText, where, "File that is not text", "%s holds a NUL byte: it is no text, or text in UTF-16. Save it as UTF-8.", name)
			continue
		}
		r.add(diag.NotText, where, "Text that is not UTF-8", "The byte 0x%02X in line %d, column %d is not UTF-8, and is read as a question mark. The file was saved in another encoding, such as Latin-1. Save it as UTF-8.",
			text[at], pos.Line, pos.Column)
		text = slices.Clone(text)
		for from, next := 0, at; next >= 0; next = notText(text[from:]) {
			from += next
			text[from] = '?'
		}
		sources[name] = text
	}
	return lost
}

// withoutAbsent drops what only follows from files that were not read.
func withoutAbsent(l diag.List) diag.List {
	return slices.DeleteFunc(l, func(d diag.Diagnostic) bool { return d.Code == diag.UnknownReference || d.Code == diag.EmptyWorkspace })
}
