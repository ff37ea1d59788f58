package lang

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// What the functions that read files may read.
const (
	maxRead  = 1 << 20 // bytes of one file
	maxFound = 10_000  // names that fileset gives
	maxSeen  = 100_000 // names that fileset looks at
)

// files reads the files of the workspace for functions, each once in a load.
type files struct {
	root  *os.Root // nil: there are none
	texts map[string]readText
	sets  map[[2]string]readSet
}

type readText struct {
	text string
	err  error
}

type readSet struct {
	names []string
	err   error
}

func newFiles(root *os.Root) *files {
	return &files{root: root, texts: map[string]readText{}, sets: map[[2]string]readSet{}}
}

// functions are those that read files.
func (f *files) functions() map[string]function.Function {
	return map[string]function.Function{
		"file": textFunction("The text of a file of the workspace.", "path", func(name string) (string, error) {
			text, err := f.text(name)
			if err != nil {
				return "", function.NewArgError(0, err)
			}
			return text, nil
		}),
		"fileset": f.fileset(),
	}
}

// text reads a file of the workspace.
func (f *files) text(name string) (string, error) {
	clean, err := workspacePath(name)
	if err != nil {
		return "", err
	}
	got, ok := f.texts[clean]
	if !ok {
		got.text, got.err = f.read(clean)
		f.texts[clean] = got
	}
	return got.text, got.err
}

// workspacePath checks the path of a file of the workspace.
func workspacePath(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("the path is empty; write one relative to the workspace, such as \"queries/daily.sql\"")
	case strings.Contains(name, "\\"):
		return "", fmt.Errorf("%q holds a backslash; write forward slashes on every platform", name)
	case path.IsAbs(name) || len(name) > 1 && name[1] == ':':
		return "", fmt.Errorf("%q is absolute; write a path relative to the workspace, such as \"queries/daily.sql\"", name)
	case strings.ContainsRune(name, 0):
		return "", fmt.Errorf("%q is no path", name)
	}
	clean := path.Clean(name)
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", fmt.Errorf("%q leads out of the workspace; put the file into the workspace and write its path from there", name)
	}
	return clean, nil
}

func (f *files) read(name string) (string, error) {
	if f.root == nil {
		return "", fmt.Errorf("there is no file %q", name)
	}
	info, err := f.root.Stat(name)
	if err != nil {
		return "", f.why(name, err)
	}
	switch {
	case info.IsDir():
		return "", fmt.Errorf("%q is a directory; name a file in it", name)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%q is not a regular file", name)
	case info.Size() > maxRead:
		return "", fmt.Errorf("%q has more than %d MB; data does not belong into the configuration, let a courier land it", name, maxRead>>20)
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", f.why(name, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxRead+1))
	switch {
	case err != nil:
		return "", f.why(name, err)
	case len(text) > maxRead:
		return "", fmt.Errorf("%q grew while it was read", name)
	}
	if at := notText(text); at >= 0 {
		return "", fmt.Errorf("%q is not text in UTF-8: byte %d, in line %d, is none; save it as UTF-8", name, at+1, 1+bytes.Count(text[:at], []byte("\n")))
	}
	return string(text), nil
}

// notText is where a text stops to be UTF-8 without NUL bytes, or -1.
func notText(text []byte) int {
	for i := 0; i < len(text); {
		if text[i] == 0 {
			return i
		}
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, size := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// why says why a file could not be read.
func (f *files) why(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint := ""
		if entries, err := fs.ReadDir(f.root.FS(), path.Dir(name)); err == nil {
			var names []string
			for _, e := range entries {
				names = append(names, path.Join(path.Dir(name), e.Name()))
			}
			hint = strings.TrimSuffix(didYouMean(name, "", names), "?")
		}
		if hint != "" {
			hint = ";" + strings.Replace(hint, " Did you mean ", " did you mean ", 1)
		}
		return fmt.Errorf("there is no file %q in the workspace%s", name, hint)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%q cannot be read: permission denied", name)
	}
	var at *fs.PathError
	if errors.As(err, &at) && strings.Contains(at.Err.Error(), "escapes") {
		return fmt.Errorf("%q is a link that leads out of the workspace; put the file itself there", name)
	}
	return fmt.Errorf("%q cannot be read", name)
}

// fileset lists the files of a folder whose names match a pattern.
func (f *files) fileset() function.Function {
	return function.New(&function.Spec{
		Description: "The files of a folder whose paths in it match a pattern.",
		Params:      []function.Parameter{{Name: "dir", Type: cty.String}, {Name: "pattern", Type: cty.String}},
		Type:        function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			dir, err := workspacePath(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			pattern := args[1].AsString()
			if _, err := workspacePath(pattern); err != nil || !doublestar.ValidatePattern(pattern) || len(pattern) > 1000 || strings.Count(pattern, "{") > 4 {
				return cty.NilVal, function.NewArgErrorf(1, "%q is no pattern for paths in the folder; * is any text but /, ** any folders, ? a character, {a,b} one of two", pattern)
			}
			key := [2]string{dir, pattern}
			got, ok := f.sets[key]
			if !ok {
				got.names, got.err = f.find(dir, pattern)
				f.sets[key] = got
			}
			if got.err != nil {
				return cty.NilVal, function.NewArgError(0, got.err)
			}
			if len(got.names) == 0 {
				return cty.SetValEmpty(cty.String), nil
			}
			list := make([]cty.Value, len(got.names))
			for i, name := range got.names {
				list[i] = cty.StringVal(name)
			}
			return cty.SetVal(list), nil
		},
	})
}

// find walks a folder. Links are not followed out of it, and what is hidden is
// listed only where the pattern names it.
func (f *files) find(dir, pattern string) ([]string, error) {
	if f.root == nil {
		return nil, fmt.Errorf("there is no folder %q", dir)
	}
	if info, err := f.root.Stat(dir); err != nil || !info.IsDir() {
		if err == nil {
			return nil, fmt.Errorf("%q is a file; name a folder", dir)
		}
		return nil, f.why(dir, err)
	}
	named := strings.HasPrefix(pattern, ".") || strings.Contains(pattern, "/.") || strings.Contains(pattern, "{.") || strings.Contains(pattern, ",.")
	var names []string
	seen := 0
	err := fs.WalkDir(f.root.FS(), dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%q cannot be read", p)
		}
		if seen++; seen > maxSeen {
			return fmt.Errorf("%q has more than %d files and folders in it; name a smaller folder", dir, maxSeen)
		}
		hidden := p != dir && strings.HasPrefix(path.Base(p), ".") && !named
		switch {
		case hidden && e.IsDir():
			return fs.SkipDir
		case hidden || e.IsDir():
			return nil
		}
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := f.root.Stat(p)
			if err != nil || !info.Mode().IsRegular() {
				return nil
			}
		} else if !e.Type().IsRegular() {
			return nil
		}
		inDir := strings.TrimPrefix(strings.TrimPrefix(p, dir), "/")
		if dir == "." {
			inDir = p
		}
		if ok, _ := doublestar.Match(pattern, inDir); ok { // the pattern is right: it was looked at before
			if names = append(names, inDir); len(names) > maxFound {
				return fmt.Errorf("more than %d files match; write a narrower pattern", maxFound)
			}
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}
