package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/bucket/servers"
)

// remoteDrop is an example whose files are at a server.
type remoteDrop struct {
	example string
	courier string
	vars    []string
	prepare func(dir string)               // what the workspace needs besides, if anything
	asked   <-chan struct{}                // gets something for each look at the server
	put     func(name, text string)        // puts a file there
	file    func(day string, n int) string // the name of a file of a day, such as "20261121"
	done    func(day string) string        // that of what says that a day is whole, "" for none
	refused func() (says string)           // makes the credentials wrong from now on
	secrets []string                       // that nobody may be told
}

// day runs the example: a file that is late, one that is missing, one that has
// landed already, and credentials that are refused. It returns the workspace.
func (d remoteDrop) day(t *testing.T) (dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", d.example, "main.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	dir = workspaceOf(t, map[string]string{"main.hcl": string(text)})
	if d.prepare != nil {
		d.prepare(dir)
	}
	apply := func(wait int) {
		t.Helper()
		args := []string{"apply", dir, "--auto-approve", "--var", fmt.Sprintf("wait_seconds=%d", wait), "--var", "poll_every=1s"}
		for _, v := range d.vars {
			args = append(args, "--var", v)
		}
		must(t, exitOK, args...)
	}
	run := func(code int, date, token string) string {
		t.Helper()
		stdout, stderr := must(t, code, "run", "daily", dir, "--date", date, "--token", token)
		for _, secret := range d.secrets {
			if strings.Contains(stdout+stderr, secret) {
				t.Errorf("%s tells a secret:\n%s%s", token, stdout, stderr)
			}
		}
		return stdout + stderr
	}

	// Late, within its wait: the day before is there, and the day comes after two
	// looks.
	apply(120)
	d.put(d.file("20261120", 1), "old")
	ended := make(chan string)
	go func() {
		code, stdout, stderr := waybill(t, "run", "daily", dir, "--date", "2026-11-21", "--token", "late")
		ended <- fmt.Sprint(code, "\n", stdout, stderr)
	}()
	for range 2 {
		<-d.asked
	}
	want := map[string]string{}
	for n := range 2 {
		name := d.file("20261121", n+1)
		if _, isThere := want[filepath.Base(name)]; isThere {
			continue
		}
		d.put(name, fmt.Sprint("orders ", n+1))
		want[filepath.Base(name)] = fmt.Sprint("orders ", n+1)
	}
	if marker := d.done("20261121"); marker != "" {
		d.put(marker, "")
	}
	if said := <-ended; !strings.HasPrefix(said, "0\n") || !strings.Contains(said, "daily@late succeeded") {
		t.Fatalf("the run that waits says %s", said)
	}
	if diff := cmp.Diff(want, landedFiles(t, dir, d.courier)); diff != "" {
		t.Error(diff)
	}

	// What has landed does not land again; a newer version does.
	if said := run(exitOK, "2026-11-21", "again"); !strings.Contains(said, "landed 0 files") {
		t.Errorf("the second run lands something:\n%s", said)
	}
	d.put(d.file("20261121", 1), "orders 1, corrected")
	if said := run(exitOK, "2026-11-21", "corrected"); !strings.Contains(said, "landed 1 file") {
		t.Errorf("the newer version does not land:\n%s", said)
	}

	// Missing.
	apply(1)
	if said := run(exitNotDone, "2026-11-19", "missing"); !strings.Contains(said, "missing") || !strings.Contains(said, "2026") {
		t.Errorf("it does not say what is missing:\n%s", said)
	}

	// Wrong credentials.
	says := d.refused()
	if said := run(exitNotDone, "2026-11-21", "refused"); !strings.Contains(said, says) {
		t.Errorf("it does not say %q:\n%s", says, said)
	}
	return dir
}

// TestSourceSFTP runs examples/sftp against OpenSSH's server.
func TestSourceSFTP(t *testing.T) {
	server := servers.StartSSHD(t)
	t.Setenv("SFTP_KEY", server.PrivateKey)
	other, otherHost := servers.Key(t)
	vars := []string{"url=sftp://" + server.User + "@" + server.Address + server.Dir, "host_key=" + server.HostKey, "stable_for=1s"}
	dir := remoteDrop{
		example: "sftp", courier: "catalog", vars: vars, asked: server.Asked,
		put: func(name, text string) {
			full := filepath.Join(server.Dir, name)
			if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
				t.Error(err)
			}
			if err := os.Chtimes(full, time.Time{}, time.Now().Add(-time.Minute)); err != nil {
				t.Error(err)
			}
		},
		file: func(day string, _ int) string { return "catalog-" + day + ".csv" },
		done: func(string) string { return "" },
		refused: func() string {
			t.Setenv("SFTP_KEY", other)
			return server.Address + " does not let user " + server.User + " in with the private key SHA256:"
		},
		secrets: strings.Split(strings.TrimSpace(server.PrivateKey), "\n")[1:3],
	}.day(t)

	// A server with another key than the one that is known.
	t.Setenv("SFTP_KEY", server.PrivateKey)
	must(t, exitOK, "apply", dir, "--auto-approve", "--var", vars[0], "--var", "host_key="+otherHost, "--var", vars[2], "--var", "wait_seconds=1", "--var", "poll_every=1s")
	stdout, _ := must(t, exitNotDone, "run", "daily", dir, "--date", "2026-11-21", "--token", "other-host")
	if !strings.Contains(stdout, "shows another host key than host_key says") || !strings.Contains(stdout, server.HostKey) {
		t.Errorf("it does not say which key the server has:\n%s", stdout)
	}
}
