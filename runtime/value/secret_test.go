package value_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// The variables are those of the process, so this test cannot be parallel.
func TestSecretsOfTheEnvironment(t *testing.T) {
	redactor := &value.Redactor{}
	s := value.NewSecrets("", []graph.Secret{{Name: "a", Env: "WAYBILL_TEST_A"}, {Name: "b", Env: "WAYBILL_TEST_B"}, {Name: "f", File: "f"}}, redactor)
	t.Setenv("WAYBILL_TEST_B", "")
	for name, says := range map[string]string{
		"a": "read secret a: environment variable WAYBILL_TEST_A is not set",
		"b": "read secret b: environment variable WAYBILL_TEST_B is empty",
	} {
		if _, err := s.Get(name); value.FaultOf(err) != value.Misconfigured || err.Error() != says {
			t.Errorf("error %v", err)
		}
	}
	for _, text := range []string{"first value", " second\n"} { // read at each use
		t.Setenv("WAYBILL_TEST_A", text)
		if got, err := s.Get("a"); got != text || err != nil {
			t.Errorf("%q %v", got, err)
		}
		if got := redactor.String("<" + text + ">"); got != "<(secret a)>" {
			t.Errorf("shown as %q", got)
		}
	}
	if diff := cmp.Diff([]string{"WAYBILL_TEST_A", "WAYBILL_TEST_B"}, s.Variables()); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsInFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"plain": "x", "line": "x\n", "crlf": "x\r\n", "two": "x\ny\n", "padded": " x \n\n", "empty": "", "onlyline": "\n", "huge": strings.Repeat("x", 2<<20),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	get := func(file string) (string, error) {
		return value.NewSecrets(dir, []graph.Secret{{Name: "s", File: file}}, nil).Get("s")
	}
	for file, want := range map[string]string{
		"plain": "x", "line": "x", "crlf": "x", "two": "x\ny", "padded": " x \n", filepath.Join(dir, "plain"): "x",
	} {
		if got, err := get(file); got != want || err != nil {
			t.Errorf("%s: %q %v", file, got, err)
		}
	}
	for file, says := range map[string]string{
		"absent": "does not exist", "empty": "is empty", "onlyline": "is empty", "folder": "is not a regular file", "huge": "is larger than 1 MiB",
		"plain/below": "cannot be read: not a directory", "/dev/null": "is not a regular file",
	} {
		_, err := get(file)
		path := file
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, file)
		}
		if want := "read secret s: file " + path + " " + says; value.FaultOf(err) != value.Misconfigured || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	wrapped := fmt.Errorf("outer: %w", value.SourceError.Wrap("list", value.NotReady.Wrap("stat", cause)))
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	stopped, stop := context.WithCancelCause(t.Context())
	stop(cause)
	for _, test := range []struct {
		err   error
		fault value.Fault
		text  string
	}{
		{nil, "", ""},
		{value.Failed.Wrap("x", nil), "", ""},
		{cause, value.Failed, "cause"},
		{wrapped, value.SourceError, "outer: list: stat: cause"},
		{value.Unknown.Errorf("send", "after %d: %w", 3, cause), value.Unknown, "send: after 3: cause"},
		{context.DeadlineExceeded, value.Timeout, "context deadline exceeded"},
		{value.Interrupted(late, "send"), value.Timeout, "send: it did not end in its time: context deadline exceeded"},
		{value.Interrupted(stopped, "send"), value.Failed, "send: it was stopped: cause"},
	} {
		if got := value.FaultOf(test.err); got != test.fault {
			t.Errorf("%v has fault %q", test.err, got)
		}
		if test.err != nil && test.err.Error() != test.text {
			t.Errorf("%q, want %q", test.err, test.text)
		}
	}
	if !errors.Is(wrapped, cause) || !errors.Is(value.Interrupted(stopped, "x"), cause) {
		t.Error("the cause is lost")
	}
}
