package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// A reader that wants no more ends the program as a signal ends others: quietly,
// and with the code that shells know.
func TestUnreadOutput(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"schema", "--json"}, {"explain"}, {"version", "--json"}} {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := read.Close(); err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), binary)
		cmd.Args, cmd.Stdout, cmd.Stderr = append([]string{"waybill"}, args...), write, &stderr
		err = cmd.Run()
		_ = write.Close()
		var status *exec.ExitError
		if !errors.As(err, &status) || status.ExitCode() != exitUnread || stderr.Len() > 0 {
			t.Errorf("%q: %v, want exit code %d; stderr: %s", args, err, exitUnread, &stderr)
		}
	}
}
