package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

//go:embed starter/main.hcl
var starterWorkspace []byte

func (p *program) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Create a small workspace with comments, to start from",
		Long: "Writes main.hcl, and an inbox with files of the last two days for it to pull.\n" +
			"It creates the directory where there is none, and never overwrites a file.",
		Example: "waybill init\nwaybill init loads && cd loads && waybill plan",
		Args:    positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.initialise(argument(args, 0, "."))
		},
	}
}

// initialise writes the starter workspace, all of it or nothing.
func (p *program) initialise(dir string) error {
	root := p.path(dir)
	if info, err := os.Stat(root); err == nil && !info.IsDir() {
		return advise("Name a directory: waybill init DIR.", "%s is a file", dir)
	}
	if found := hclFiles(root); len(found) > 0 {
		return advise("Choose another directory: waybill init DIR.",
			"%s is a workspace already: it has %s", dir, found[0])
	}
	var files []starterFile
	for _, f := range starterFiles(p.now()) {
		_, err := os.Lstat(filepath.Join(root, f.name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			files = append(files, f)
		case err != nil:
			return fmt.Errorf("look into %s: %w", dir, err)
		case !f.spare:
			return advise("Nothing was written. Choose another directory: waybill init DIR.",
				"%s exists already", filepath.Join(dir, f.name))
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "inbox"), 0o777); err != nil {
		return fmt.Errorf("create the workspace: %w", err)
	}
	for _, f := range files {
		if err := createFile(filepath.Join(root, f.name), f.content); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "created %s\n", filepath.Join(dir, f.name))
	}
	where := ""
	if filepath.Clean(root) != "." {
		where = " -C " + root
	}
	_, err := fmt.Fprintf(p.stdout, "\nNow look at main.hcl, then:\n  waybill%s plan\n  waybill%s apply\n  waybill%s run daily\n", where, where, where)
	return err
}

type starterFile struct {
	name    string
	content []byte
	spare   bool // one that exists already does as well
}

// starterFiles is the workspace with sample files for the last two days.
func starterFiles(now time.Time) []starterFile {
	files := []starterFile{
		{name: "main.hcl", content: starterWorkspace},
		{name: ".gitignore", content: []byte("/.waybill/\n/landing/\n"), spare: true},
	}
	for ago := 2; ago >= 1; ago-- {
		date := now.UTC().Add(time.Duration(-ago) * 24 * time.Hour).Format(time.DateOnly)
		files = append(files, starterFile{
			name:    filepath.Join("inbox", "orders-"+date+".csv"),
			content: fmt.Appendf(nil, "order,customer,amount,ordered_on\n%d01,ann,12.50,%s\n%d02,bob,7.00,%s\n", ago, date, ago, date),
		})
	}
	return files
}

// createFile writes a file that must not exist yet.
func createFile(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("create the workspace: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(content)
	return err
}
