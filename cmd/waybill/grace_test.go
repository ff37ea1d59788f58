package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

// sending is a workspace whose activation is under way until the file "go" is
// there, and which nobody may do twice.
var sending = map[string]string{
	"main.hcl": `
courier "orders" {
  filedrop { url = "inbox" }
  file "orders" { pattern = "orders-{yyyy}-{MM}-{dd}.csv" }
  ready { stable_for = "0s" }
}
activation "campaign" "winback" {
  on_unknown = "hold"
  exec { command = ["sh", "send.sh"] }
}
courier_group "daily" {
  activations = [activation.campaign.winback]
  courier "orders" {}
}
`,
	"send.sh":                     "echo sending\necho sent >> sent.txt\nwhile test ! -e go; do sleep 0.05; done\n",
	"inbox/orders-2026-11-20.csv": "a\n1\n",
}

// sendingServe is a process that serves, in the middle of the activation.
func sendingServe(t *testing.T, flags ...string) (dir string, serve *process) {
	t.Helper()
	dir = appliedWorkspace(t, sending)
	serve = start(t, append([]string{"serve", dir}, flags...)...)
	serve.await("serving")
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one", "--detach")
	serve.await("sending")
	return dir, serve
}

// TestARestartHoldsNothing restarts the service while an activation is under
// way: it ends in peace, and is neither held nor done again.
func TestARestartHoldsNothing(t *testing.T) {
	t.Parallel()
	dir, serve := sendingServe(t)
	serve.signal(syscall.SIGTERM)
	serve.await("what is under way may end first")
	put(t, filepath.Join(dir, "go"), "")
	if code := serve.end(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, serve.output.String())
	}
	serve = start(t, "serve", dir)
	serve.await("serving")
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20", "--token", "one") // waits for the same run
	serve.signal(syscall.SIGTERM)
	serve.end()
	sent, err := os.ReadFile(filepath.Join(dir, "sent.txt"))
	if err != nil || string(sent) != "sent\n" {
		t.Errorf("sent: %q, %v", sent, err)
	}
}

// TestTheGraceEnds stops the service while an activation does not end: after
// the grace, or at a second signal, it is broken off, and held by the next serve.
func TestTheGraceEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags []string
		twice bool
		code  int
	}{
		"after the grace": {flags: []string{"--grace", "100ms"}, code: exitOK},
		"without one":     {flags: []string{"--grace", "0s"}, code: exitOK},
		"a second signal": {twice: true, code: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, serve := sendingServe(t, c.flags...)
			serve.signal(syscall.SIGTERM)
			if c.twice {
				serve.await("what is under way may end first")
				serve.signal(syscall.SIGTERM)
			}
			if code := serve.end(); code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, serve.output.String())
			}
			serve = start(t, "serve", dir)
			serve.await("serving")
			must(t, exitNotDone, "run", "daily", dir, "--date", "2026-11-20", "--token", "one")
			serve.signal(syscall.SIGTERM)
			serve.end()
			d := detail(t, dir, "daily@one")
			if task := d.Tasks[0]; d.Run.State != store.Failed || task.State != store.Held || !strings.HasPrefix(task.Name, "activation.") {
				t.Errorf("the run is %s, its activation %+v", d.Run.State, task)
			}
		})
	}
}
