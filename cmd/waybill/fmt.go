package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang"
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
		Long: "Formats the files, or the .hcl files of the directories; without a path, those of this directory.\n" +
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
	for _, arg := range args {
		var err error
		switch {
		case arg != "-":
			err = f.path(ctx, arg)
		case len(args) > 1:
			err = errors.New("- stands alone: it formats standard input")
		default:
			err = f.input(ctx)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case f.broken:
		return said(exitSyntax)
	case f.check && f.unformatted:
		return said(exitUnformatted)
	}
	return nil
}

// input formats standard input to standard output.
func (f *formatter) input(ctx context.Context) error {
	src, err := f.readAll(ctx)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	formatted, ok := f.format(src, "standard input")
	if !ok {
		return nil
	}
	f.unformatted = !bytes.Equal(src, formatted)
	switch {
	case f.diff:
		formatted = unifiedDiff("standard input", src, formatted)
	case f.check:
		return nil
	}
	_, err = f.stdout.Write(formatted)
	return err
}

// path formats one file or the files of one directory.
func (f *formatter) path(ctx context.Context, name string) error {
	info, err := os.Stat(f.program.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file or directory %s", name)
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		if filepath.Ext(name) == ".json" {
			return advise("Name .hcl files, or a directory; format JSON by another program.", "%s is JSON, which fmt leaves as it is", name)
		}
		return f.file(name)
	}
	return filepath.WalkDir(f.program.path(name), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		below, err := filepath.Rel(f.program.path(name), path)
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir() && below != "." && (!f.recursive || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.Type().IsRegular() && strings.HasSuffix(entry.Name(), ".hcl"):
			return f.file(filepath.Join(name, below))
		}
		return nil
	})
}

// file formats one file. The name is as the user sees it.
func (f *formatter) file(name string) error {
	path := f.program.path(name)
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	formatted, ok := f.format(src, name)
	if !ok || bytes.Equal(src, formatted) {
		return nil
	}
	f.unformatted = true
	if f.diff {
		_, err = f.stdout.Write(unifiedDiff(name, src, formatted))
		return err
	}
	fmt.Fprintln(f.stdout, name)
	if f.check {
		return nil
	}
	return replaceFile(path, formatted)
}

// format formats the text of a file, or prints why it does not parse.
func (f *formatter) format(src []byte, name string) ([]byte, bool) {
	formatted, problems := lang.Format(src, name)
	f.printDiagnostics(problems, map[string][]byte{name: src})
	if problems.HasErrors() {
		f.broken = true
		return nil, false
	}
	return formatted, true
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
