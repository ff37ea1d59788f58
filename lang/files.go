package lang

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
)

// others is what beside the files of a workspace may be meant for one, and is not read.
type others struct {
	files       []string
	directories []string // that hold files of a workspace, of a directory that holds none
}

// isFile reports whether a name is that of a file of a workspace.
func isFile(name string) bool {
	return !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "#") &&
		(strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, jsonSuffix))
}

// fileNames lists the .hcl and .hcl.json files of a directory, without hidden files and
// those that editors leave behind.
func fileNames(dir string) (names []string, o others, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, o, fmt.Errorf("read workspace: %w", err)
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case isFile(name):
			names = append(names, name)
		case !e.IsDir() && isFile(meant(name)):
			o.files = append(o.files, name)
		}
	}
	if len(names) > 0 {
		return names, o, nil
	}
	for _, e := range entries {
		if within, err := os.ReadDir(filepath.Join(dir, e.Name())); e.IsDir() && err == nil &&
			slices.ContainsFunc(within, func(f os.DirEntry) bool { return !f.IsDir() && isFile(f.Name()) }) {
			o.directories = append(o.directories, e.Name())
		}
	}
	return names, o, nil
}

// meant is the name that a file was to have: without the .txt that some editors put
// behind it, and with its ending in small letters.
func meant(name string) string {
	lower := strings.ToLower(name)
	if cut := strings.TrimSuffix(lower, ".txt"); isFile(cut) {
		name, lower = name[:len(cut)], cut
	}
	for _, ending := range []string{jsonSuffix, ".hcl"} {
		if strings.HasSuffix(lower, ending) {
			return name[:len(name)-len(ending)] + ending
		}
	}
	return name
}

// report warns of the files.
func (o others) report(r *report) {
	for _, name := range o.files {
		r.add(diag.OtherEnding, nil, "File that is not read", "%s is not read, since its name does not end in .hcl or .hcl.json. Rename it to %s, or move it away.", name, meant(name))
	}
}

// within names the directories, with a space in front; "" where there are none.
func (o others) within() string {
	const shown = 3
	names := o.directories
	switch {
	case len(names) == 0:
		return ""
	case len(names) > shown:
		return fmt.Sprintf(" Directories in it have some: %s and %d more.", strings.Join(names[:shown], ", "), len(names)-shown)
	case len(names) == 1:
		return fmt.Sprintf(" The directory %s in it has.", names[0])
	}
	return fmt.Sprintf(" Directories in it have some: %s.", strings.Join(names, ", "))
}
