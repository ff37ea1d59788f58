package value

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// maxSecret bounds a secret's file: keys and certificates are far smaller.
const maxSecret = 1 << 20

// Secrets finds the values of the secrets that a graph declares. It reads the
// environment or the file at every use, so that a value can be changed while
// Waybill runs, and tells the redactor of every value it gives out. A nil
// Secrets has none.
type Secrets struct {
	workspace string
	declared  []graph.Secret
	redactor  *Redactor
}

// NewSecrets returns the secrets of a graph. Relative files are looked for in
// the workspace. The redactor may be shared by all runs of a process.
func NewSecrets(workspace string, declared []graph.Secret, redactor *Redactor) *Secrets {
	return &Secrets{workspace: workspace, declared: declared, redactor: redactor}
}

// Redactor returns what hides the values given out; nil where there is none.
func (s *Secrets) Redactor() *Redactor {
	if s == nil {
		return nil
	}
	return s.redactor
}

// Variables names the environment variables that hold secrets. A program that
// a step runs does not inherit them: a secret reaches only what names it.
func (s *Secrets) Variables() []string {
	if s == nil {
		return nil
	}
	var names []string
	for _, d := range s.declared {
		if d.Env != "" {
			names = append(names, d.Env)
		}
	}
	return names
}

// Get returns the value of a secret. One line end at the end of a file does not
// belong to the value. A secret that is not declared, not set, empty or not
// readable is Misconfigured; the error says where it was looked for.
func (s *Secrets) Get(name string) (string, error) {
	op := "read secret " + name
	if s == nil {
		return "", Misconfigured.Errorf(op, "no secret is declared")
	}
	for _, d := range s.declared {
		if d.Name != name {
			continue
		}
		text, err := s.read(d)
		if err != nil {
			return "", Misconfigured.Wrap(op, err)
		}
		s.redactor.Add(name, text)
		return text, nil
	}
	return "", Misconfigured.Errorf(op, "no secret of that name is declared")
}

func (s *Secrets) read(d graph.Secret) (string, error) {
	if d.Env != "" {
		text, ok := os.LookupEnv(d.Env)
		switch {
		case !ok:
			return "", errors.New("environment variable " + d.Env + " is not set")
		case text == "":
			return "", errors.New("environment variable " + d.Env + " is empty")
		}
		return text, nil
	}
	path := d.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.workspace, path)
	}
	text, err := readSecretFile(path)
	if err != nil {
		return "", errors.New("file " + path + " " + err.Error())
	}
	return text, nil
}

// readSecretFile returns errors that complete the sentence "file PATH …".
func readSecretFile(path string) (string, error) {
	// A FIFO would hold the run up until somebody writes into it.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("does not exist")
	case err != nil:
		return "", errors.New("cannot be read: " + cause(err))
	case !info.Mode().IsRegular():
		return "", errors.New("is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", errors.New("cannot be read: " + cause(err))
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return "", errors.New("cannot be read: " + cause(err))
	case len(raw) > maxSecret:
		return "", errors.New("is larger than 1 MiB")
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	if text == "" {
		return "", errors.New("is empty")
	}
	return text, nil
}

// cause is an error of the operating system without the operation and path
// that its text starts with.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
