package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

// formatter is one `waybill fmt`.
type formatter struct {
	*program
	check, diff, recursive bool

	unformatted, broken bool
}

func (p *program) fmtCommand() *cobra.Command {
	f := formatter{program: p}
	cmd := &cobra.Command{
		Use:   "fmt [PATH…|-]",
		Short: "Rewrite .hcl files in the standard layout",
		Long: "Formats the files, or the .hcl and .hclvars files of the directories; without a path, those of this directory.\n" +
			"Files in JSON stay as they are.\n" +
			"It prints the names of the files that it changed. With - it formats standard input to standard output.\n" +
			"A file that does not parse is left as it is (exit code 2).",
		Example: "waybill fmt\nwaybill fmt --check --diff --recursive   # for CI: exit code 3\nwaybill fmt - < main.hcl",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args)
		},
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; exit code 3 if a file is not formatted")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "change nothing; print what would change")
	cmd.Flags().BoolVar(&f.recursive, "recursive", false, "also format the directories below, except hidden ones")
	return cmd
}

func (f *formatter) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	// Next to nothing that formatting allocates is kept for longer than a file.
	defer debug.SetGCPercent(debug.SetGCPercent(1000))
	if err := f.everything(ctx, args); err != nil {
		return err
	}
	switch {
	case f.broken:
		return said(exitSyntax)
	case f.check && f.unformatted:
		return said(exitUnformatted)
	}
	return nil
}

func (f *formatter) everything(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == "-" {
		return f.input(ctx)
	}
	for _, arg := range args {
		if arg == "-" {
			return errors.New("- stands alone: it formats standard input")
		}
		names, err := f.find(ctx, arg)
		if err != nil {
			return err
		}
		if err := f.all(ctx, names); err != nil {
			return err
		}
	}
	return nil
}

// input formats standard input to standard output.
func (f *formatter) input(ctx context.Context) error {
	src, err := f.readAll(ctx)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	formatted, problems := lang.Format(src, "standard input")
	if !f.sound("standard input", text{src: src, problems: problems}) {
		return nil
	}
	f.unformatted = !bytes.Equal(src, formatted)
	switch {
	case f.diff:
		formatted = unifiedDiff("standard input", src, formatted)
	case f.check:
		return nil
	}
	_, err = asIs(f.stdout).Write(formatted)
	return err
}

// find lists one file, or the files of one directory. Names are as the user
// sees them.
func (f *formatter) find(ctx context.Context, name string) ([]string, error) {
	info, err := os.Stat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file or directory %s", name)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if filepath.Ext(name) == ".json" {
			return nil, advise("Name .hcl files, or a directory; format JSON by another program.", "%s is JSON, which fmt leaves as it is", name)
		}
		return []string{name}, nil
	}
	var found []string
	err = filepath.WalkDir(f.path(name), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		below, err := filepath.Rel(f.path(name), path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && below != "." && (!f.recursive || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.Type().IsRegular() && slices.Contains(formats, filepath.Ext(entry.Name())):
			found = append(found, filepath.Join(name, below))
		}
		return nil
	})
	return found, err
}

// formats are the ends of the names of files that are formatted.
var formats = []string{".hcl", ".hclvars"}

// text is a file before and after. Where it need not change, neither is kept.
type text struct {
	src, formatted []byte
	problems       diag.List
	err            error
}

// all formats files, as many at a time as there are processors, and tells of them
// in their order.
func (f *formatter) all(ctx context.Context, names []string) error {
	done := make([]chan text, len(names))
	for i := range done {
		done[i] = make(chan text, 1)
	}
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		go func() {
			for i := int(next.Add(1)) - 1; i < len(names) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				done[i] <- formatFile(f.path(names[i]), names[i])
			}
		}()
	}
	for i, name := range names {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case t := <-done[i]:
			if err := f.tell(name, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func formatFile(path, name string) text {
	src, err := os.ReadFile(path)
	if err != nil {
		return text{err: err}
	}
	formatted, problems := lang.Format(src, name)
	if len(problems) == 0 && bytes.Equal(src, formatted) {
		return text{}
	}
	return text{src: src, formatted: formatted, problems: problems}
}

// tell says what is to change in a file, and changes it unless told not to.
func (f *formatter) tell(name string, t text) error {
	if t.err != nil || !f.sound(name, t) || bytes.Equal(t.src, t.formatted) {
		return t.err
	}
	f.unformatted = true
	if f.diff {
		_, err := asIs(f.stdout).Write(unifiedDiff(name, t.src, t.formatted))
		return err
	}
	fmt.Fprintln(f.stdout, name)
	if f.check {
		return nil
	}
	return replaceFile(f.path(name), t.formatted)
}

// sound reports whether a text could be parsed, and prints why not.
func (f *formatter) sound(name string, t text) bool {
	f.printDiagnostics(t.problems, map[string][]byte{name: t.src})
	f.broken = f.broken || t.problems.HasErrors()
	return !t.problems.HasErrors()
}

// unifiedDiff is the difference as `diff -u` shows it, nothing where there is none.
func unifiedDiff(name string, before, after []byte) []byte {
	text := diff.Diff(name, before, name+" (formatted)", after)
	if _, rest, ok := bytes.Cut(text, []byte("\n")); ok { // its first line repeats the names
		return rest
	}
	return text
}

// replaceFile writes a file whole or not at all, keeping its mode.
func replaceFile(path string, content []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".waybill-fmt-*")
	if err != nil {
		return fmt.Errorf("rewrite %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("rewrite %s: %w", path, err), os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
