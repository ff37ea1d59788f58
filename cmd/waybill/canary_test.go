package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// canaries are values that may be nowhere but where they were put.
var canaries = map[string]string{
	"secret from the environment":         "canary-lake-8f14e45fceea167a",
	"secret from a file":                  "canary-crm-c9f0f895fb98ab91",
	"token of the server":                 testToken,
	"sensitive variable":                  "canary-var-45c48cce2e2d7fbd",
	"default of a sensitive variable":     "canary-default-d3d9446802a44259",
	"sensitive variable in a file":        "canary-file-6512bd43d9caa6e0",
	"secret in an answer that is refused": "canary-hook-c20ad4d76fe97759",
}

const canaryWorkspace = `
waybill {
  runtime {
    url   = "ADDRESS"
    token = secret.waybill
  }
}
secret "waybill" { env = "CANARY_TOKEN" }
secret "lake" { env = "CANARY_LAKE" }
secret "crm" { file = "crm.key" }
secret "hook" { env = "CANARY_HOOK" }
variable "password" {
  type      = string
  sensitive = true
  default   = "canary-default-d3d9446802a44259"
}
variable "pin" {
  type      = string
  sensitive = true
}
process "leak" {
  exec {
    command     = ["./leak.sh"]
    environment = { LAKE = secret.lake, CRM = secret.crm }
  }
  retry { attempts = 1 }
}
process "call" {
  http {
    url          = "THERE"
    bearer_token = secret.hook
    headers      = { X-Crm = "key ${secret.crm}" }
  }
  retry { attempts = 1 }
}
courier_group "leaks" {
  processes = [process.leak]
}
courier_group "calls" {
  processes = [process.call]
}
`

// TestSecretsStaySecret gives a server and its client secrets of every kind, has
// programs and servers tell them on, and looks for them in all that is printed,
// saved, stored and logged.
func TestSecretsStaySecret(t *testing.T) {
	for name, value := range map[string]string{
		"CANARY_TOKEN": testToken, "CANARY_LAKE": canaries["secret from the environment"], "CANARY_HOOK": canaries["secret in an answer that is refused"],
		"WAYBILL_VAR_password": canaries["sensitive variable"],
	} {
		t.Setenv(name, value)
	}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"refused": "`+r.Header.Get("Authorization")+`", "key": "`+r.Header.Get("X-Crm")+`"}`)
	}))
	t.Cleanup(hook.Close)
	there := workspaceOf(t, map[string]string{
		"crm.key": canaries["secret from a file"] + "\n",
		"leak.sh": "#!/bin/sh\necho \"lake $LAKE\"\necho \"crm $CRM lake $LAKE\" >&2\nexit 3\n",
	})
	if err := os.Chmod(filepath.Join(there, "leak.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	serve, address := listening(t, there, "--log-level", "trace")
	workspace := strings.NewReplacer("ADDRESS", address, "THERE", hook.URL).Replace(canaryWorkspace)
	here := workspaceOf(t, map[string]string{"main.hcl": workspace, "secret.auto.hclvars": `pin = "` + canaries["sensitive variable in a file"] + "\"\n"})
	saved := filepath.Join(t.TempDir(), "next.plan")

	var told strings.Builder
	say := func(code int, args ...string) {
		t.Helper()
		stdout, stderr := must(t, code, args...)
		told.WriteString(stdout + stderr)
	}
	say(exitOK, "plan", here, "--out", saved)
	say(exitOK, "plan", here, "--json")
	say(exitOK, "plan", here, "--offline", "--notes")
	say(exitOK, "plan", here, "--format", "markdown")
	say(exitOK, "plan", here, "--format", "html")
	say(exitOK, "show", saved)
	say(exitOK, "show", saved, "--json")
	say(exitOK, "show", here, "--json")
	say(exitOK, "--log-level", "trace", "apply", saved, here)
	say(exitOK, "plan", "run", "leaks", here, "--json")
	say(exitNotDone, "run", "leaks", here, "--token", "one")
	say(exitNotDone, "run", "calls", here, "--token", "two")
	for _, run := range []string{"leaks@one", "calls@two"} {
		say(exitOK, "show", run, here)
		say(exitOK, "show", run, here, "--json")
	}
	say(exitOK, "status", here, "--json")
	say(exitOK, "show", "--applied", here, "--json")
	// The variable in what is applied is an error, which does not say its value.
	put(t, filepath.Join(here, "leak.hcl"), "process \"bad\" {\n  exec { command = [var.password, var.pin] }\n}\n")
	say(exitError, "plan", here)
	say(exitError, "plan", here, "--format", "sarif")
	say(exitError, "plan", here, "--format", "markdown")
	say(exitError, "plan", here, "--format", "github")
	serve.signal(syscall.SIGTERM)
	if code := serve.end(); code != exitOK {
		t.Errorf("serve: exit code %d", code)
	}
	if !strings.Contains(told.String(), "(secret lake)") || !strings.Contains(told.String(), "(secret hook)") {
		t.Errorf("what the program and the server told on is not there, so nothing was tested:\n%s", told.String())
	}
	noCanary(t, "what waybill printed", []byte(told.String()))
	noCanary(t, "the log of the server", []byte(serve.output.String()))
	plan, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	noCanary(t, "the plan file", plan)
	noCanaryIn(t, there, "crm.key")
}

// noCanaryIn looks into all files of a directory but one.
func noCanaryIn(t *testing.T, dir, except string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == except {
			return err
		}
		text, err := os.ReadFile(path)
		noCanary(t, path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func noCanary(t *testing.T, what string, text []byte) {
	t.Helper()
	for name, value := range canaries {
		for _, form := range []string{value, base64.StdEncoding.EncodeToString([]byte(value))} {
			if i := bytes.Index(text, []byte(form)); i >= 0 {
				t.Errorf("%s has the %s: …%q…", what, name, text[max(0, i-80):min(len(text), i+80)])
			}
		}
	}
}
