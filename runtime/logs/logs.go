// Package logs keeps what the programs of runs print: a file for each attempt at
// a task, in a folder for each run, below the folder of the store.
//
// A file has one line for each line of the program, with the instant at which it
// came before it. It keeps the beginning and the end of what a program prints,
// and says how much was left out between. Secrets are taken out before anything
// comes here.
package logs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Book is the folder with what the programs of all runs have printed. It is safe
// for concurrent use.
type Book struct{ dir string }

// Open returns the book of the store in a folder. Nothing is made before a
// program prints something.
func Open(store string) *Book { return &Book{dir: filepath.Join(store, "logs")} }

// Page names one file of a book.
type Page struct {
	Run, Task               string
	RunAttempt, TaskAttempt int

	file, folder string // where it is read
}

// folder is that of a run.
func (b *Book) folder(run string) string { return filepath.Join(b.dir, escape(run)) }

func (b *Book) path(p Page) string {
	name := fmt.Sprintf("%s.%d.%d.log", escape(p.Task), p.RunAttempt, p.TaskAttempt)
	return filepath.Join(b.folder(p.Run), name)
}

// longest is how long a name may be that is kept as it is; file systems take 255
// bytes.
const longest = 180

// escape makes a name of a file. One that is too long ends in a sum of all of it.
func escape(name string) string {
	name = url.PathEscape(name)
	if len(name) <= longest {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return strings.ToValidUTF8(name[:longest], "") + "-" + hex.EncodeToString(sum[:8])
}

// Remove removes all that the programs of a run have printed. There may be
// nothing.
func (b *Book) Remove(run string) error {
	if err := os.RemoveAll(b.folder(run)); err != nil {
		return fmt.Errorf("remove the logs of %s: %w", run, err)
	}
	return nil
}

// pages are the files of a run, by task and attempt.
func (b *Book) pages(run, task string) ([]Page, error) {
	folder := b.folder(run)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the logs of %s: %w", run, err)
	}
	var all []Page
	for _, e := range entries {
		parts := strings.Split(e.Name(), ".")
		if len(parts) < 4 || parts[len(parts)-1] != "log" {
			continue
		}
		p := Page{Run: run, file: e.Name(), folder: folder}
		p.RunAttempt, _ = strconv.Atoi(parts[len(parts)-3])
		p.TaskAttempt, _ = strconv.Atoi(parts[len(parts)-2])
		name := strings.Join(parts[:len(parts)-3], ".")
		if p.Task, err = url.PathUnescape(name); err != nil {
			p.Task = name
		}
		if task == "" || name == escape(task) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Page) int { return strings.Compare(a.file, b.file) })
	return all, nil
}
