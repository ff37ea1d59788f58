package value

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// maxSecret bounds a secret's file: keys and certificates are far smaller.
const maxSecret = 1 << 20

// Secrets finds the values of the secrets that a graph declares, for one piece of
// work. It reads the environment or the file at every use, so that a value can be
// changed while Waybill runs, asks programs through [Helpers], and tells the
// redactor of every value it gives out. It is safe for concurrent use. A nil
// Secrets has none.
type Secrets struct {
	workspace string
	declared  []graph.Secret
	redactor  *Redactor
	helpers   *Helpers // nil: no program is asked
	done      context.Context

	mu    sync.Mutex
	began time.Time            // when this piece of work did
	asked map[string]time.Time // when a program was asked for what was given out, by secret
}

// NewSecrets returns the secrets of a graph. Relative files are looked for in
// the workspace. The redactor may be shared by all runs of a process.
func NewSecrets(workspace string, declared []graph.Secret, redactor *Redactor) *Secrets {
	return &Secrets{workspace: workspace, declared: declared, redactor: redactor}
}

// Asking returns secrets for one piece of work that may also be found by
// programs: these are asked through h, and no longer than ctx lasts.
func (s *Secrets) Asking(ctx context.Context, h *Helpers) *Secrets {
	return &Secrets{
		workspace: s.workspace, declared: s.declared, redactor: s.redactor,
		helpers: h, done: ctx, began: time.Now(), asked: map[string]time.Time{},
	}
}

// Refused is called when what was given out may not have been accepted: programs
// are asked again for what they have answered. It reports whether one of these
// answers was remembered from an earlier piece of work, so that trying again may
// help.
func (s *Secrets) Refused() (remembered bool) {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.declared {
		if at, given := s.asked[d.Name]; given {
			s.helpers.forget(s.helper(d), at)
			remembered = remembered || at.Before(s.began)
		}
	}
	clear(s.asked)
	return remembered
}

func (s *Secrets) helper(d graph.Secret) Helper {
	return Helper{Name: d.Name, Exec: d.Exec, Workspace: s.workspace, Drop: s.Variables(), Redactor: s.redactor}
}

// ask asks the program of a secret.
func (s *Secrets) ask(d graph.Secret) (string, error) {
	if s.helpers == nil {
		return "", Misconfigured.Errorf("read secret "+d.Name, "it is found by a program, and none is run here: write env or file")
	}
	text, at, err := s.helpers.get(s.done, s.helper(d))
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[d.Name] = at
	return text, nil
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
// readable is Misconfigured; the error says where it was looked for. That of a
// program has the fault of the program's end.
func (s *Secrets) Get(name string) (string, error) {
	op := "read secret " + name
	if s == nil {
		return "", Misconfigured.Errorf(op, "no secret is declared")
	}
	for _, d := range s.declared {
		if d.Name != name {
			continue
		}
		var text string
		var err error
		if d.Exec != nil {
			text, err = s.ask(d)
		} else if text, err = s.read(d); err != nil {
			err = Misconfigured.Wrap(op, err)
		}
		if err != nil {
			return "", err
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
