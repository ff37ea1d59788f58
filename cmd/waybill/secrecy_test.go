package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
)

// secretFields are all fields of the language that take secrets, each block once:
// courier__filedrop__password.
func secretFields() []string {
	var fields []string
	seen := map[*lang.Block]bool{}
	var visit func(path string, b *lang.Block)
	visit = func(path string, b *lang.Block) {
		if seen[b] {
			return
		}
		seen[b] = true
		for i := range b.Attributes {
			if b.Attributes[i].Takes&lang.SecretValues != 0 {
				fields = append(fields, path+b.Attributes[i].Name)
			}
		}
		for _, n := range b.Blocks {
			visit(path+n.Type+"__", n)
		}
	}
	visit("", lang.Schema())
	return fields
}

// secrecyWorkspace has a secret in every field that takes one: secret.PATH for the
// field at a path.
const secrecyWorkspace = `
waybill {
  runtime {
    url   = "ADDRESS"
    token = secret.waybill__runtime__token
  }
  heartbeat {
    url   = secret.waybill__heartbeat__url
    every = "10s"
  }
}
alert "webhook" "hook" {
  on          = ["failed", "late", "missing", "source_error", "misconfigured", "held"]
  webhook     = secret.alert__webhook
  signing_key = secret.alert__signing_key
}
alert "slack" "chat" {
  on      = ["failed", "late", "missing", "source_error", "misconfigured", "held"]
  webhook = secret.alert__webhook
}
alert "email" "owners" {
  on       = ["failed", "late", "missing", "source_error", "misconfigured", "held"]
  smtp     = secret.alert__smtp
  from     = "waybill@example.com"
  to       = ["data@example.com"]
  username = secret.alert__username
  password = secret.alert__password
}
courier "folder" {
  filedrop { url = "drop/${secret.courier__filedrop__url}" }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "sftp" {
  filedrop {
    url         = "sftp://SMTP/out"
    username    = secret.courier__filedrop__username
    password    = secret.courier__filedrop__password
    private_key = secret.courier__filedrop__private_key
    host_key    = secret.courier__filedrop__host_key
  }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "s3" {
  filedrop {
    url        = "s3://bucket/x?region=us-east-1&path_style=true&endpoint=THERE"
    access_key = secret.courier__filedrop__access_key
    secret_key = secret.courier__filedrop__secret_key
    role       = secret.courier__filedrop__role
  }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "s3_keys" {
  filedrop {
    url        = "s3://bucket/x?region=us-east-1&path_style=true&endpoint=THERE"
    access_key = secret.courier__filedrop__access_key
    secret_key = secret.courier__filedrop__secret_key
  }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "gs" {
  filedrop {
    url         = "gs://bucket/x?endpoint=THERE"
    private_key = secret.gs_account
  }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "azure_key" {
  filedrop {
    url        = "azblob://box/x?endpoint=THERE"
    access_key = "acme"
    secret_key = secret.azure_key
  }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "azure_signature" {
  filedrop {
    url        = "azblob://box/x?endpoint=THERE"
    access_key = "acme"
    secret_key = secret.azure_signature
  }
  file "orders" { pattern = "*.csv" }
  retry { attempts = 1 }
}
courier "rest" {
  rest_api {
    method       = "POST"
    url          = secret.courier__rest_api__url
    headers      = { X-Key = "key ${secret.courier__rest_api__headers}" }
    body         = "a=${secret.courier__rest_api__body}"
    bearer_token = secret.courier__rest_api__bearer_token
  }
  retry { attempts = 1 }
}
courier "rest_json" {
  rest_api {
    method  = "POST"
    url     = "THERE/fail?key=${secret.courier__rest_api__bearer_token}"
    json    = { key = secret.courier__rest_api__json }
    basic_auth {
      username = secret.courier__rest_api__basic_auth__username
      password = secret.courier__rest_api__basic_auth__password
    }
  }
  retry { attempts = 1 }
}
courier "rest_oauth2" {
  rest_api {
    url = "THERE/fail"
    oauth2 {
      token_url     = secret.courier__rest_api__oauth2__token_url
      client_id     = secret.courier__rest_api__oauth2__client_id
      client_secret = secret.courier__rest_api__oauth2__client_secret
    }
  }
  retry { attempts = 1 }
}
courier "warehouse" {
  warehouse {
    dsn   = secret.courier__warehouse__dsn
    query = "select 1"
  }
  retry { attempts = 1 }
}
courier "program" {
  exec {
    command     = ["./leak.sh"]
    environment = { LEAK = secret.courier__exec__environment, HELPER = secret.helper }
  }
  retry { attempts = 1 }
}
process "fails" {
  http {
    url          = secret.bridge__http__url
    headers      = { X-Key = "key ${secret.bridge__http__headers}" }
    body         = "a=${secret.bridge__http__body}"
    bearer_token = secret.bridge__http__bearer_token
  }
  retry { attempts = 1 }
}
process "breaks_off" {
  http {
    url  = "THERE/break/${secret.bridge__http__bearer_token}"
    json = { key = "x ${secret.bridge__http__json}" }
    basic_auth {
      username = secret.courier__rest_api__basic_auth__username
      password = secret.courier__rest_api__basic_auth__password
    }
  }
  retry { attempts = 1 }
}
process "nowhere" {
  http { url = "http://127.0.0.1:1/${secret.bridge__http__bearer_token}" }
  retry { attempts = 1 }
}
process "polls" {
  http {
    url  = "THERE/job/${secret.bridge__http__bearer_token}"
    poll {
      url     = "THERE/fail/${secret.bridge__http__poll__url}"
      every   = "1s"
      done    = response.json.done == "yes"
      success = response.json.done == "yes"
    }
  }
  retry { attempts = 1 }
}
process "sql" {
  sql {
    dsn        = secret.bridge__sql__dsn
    statements = ["select 1"]
  }
  retry { attempts = 1 }
}
courier_group "pull" {
  defaults { on_missing = "continue" } # or the first that fails would keep others from being asked
  couriers = [
    courier.folder, courier.sftp, courier.s3, courier.s3_keys, courier.gs, courier.azure_key, courier.azure_signature,
    courier.rest, courier.rest_json, courier.rest_oauth2, courier.warehouse, courier.program,
  ]
  alerts = [alert.webhook.hook, alert.slack.chat, alert.email.owners]
}
courier_group "push" {
  processes = [process.fails, process.breaks_off, process.nowhere, process.polls, process.sql]
  alerts    = [alert.webhook.hook, alert.slack.chat, alert.email.owners]
}
`

// leakProgram tells its secrets on in every way it can, and fails.
const leakProgram = `#!/bin/sh
env
printf 'in pieces %.9s' "$LEAK"; sleep 0.05; printf '%s\n' "${LEAK#?????????}"
printf '%s' "$LEAK" | base64; printf 'x%s' "$HELPER" | base64; printf 'xy%s' "$LEAK" | base64
printf '%s' "$LEAK" | od -An -v -tx1 | tr -d ' \n'; echo
printf '%s' "$LEAK" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F >&2
echo "failed with $LEAK and $HELPER" >&2
echo "$LEAK" > "$WAYBILL_LANDING/x" 
exit 1
`

// echo tells everything of a request back, in many spellings, and never says yes.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var said strings.Builder
	user, password, _ := r.BasicAuth()
	fmt.Fprintf(&said, "%s %s\n%s %s\n", r.RequestURI, r.URL.Path, user, password)
	for _, name := range []string{"Authorization", "X-Key"} {
		fmt.Fprintf(&said, "%s %q %X\n", r.Header.Get(name), r.Header.Get(name), r.Header.Get(name))
		w.Header().Set("X-Echo-"+name, r.Header.Get(name))
	}
	fmt.Fprintf(&said, "%s %x %s", body, body, base64.StdEncoding.EncodeToString(body))
	w.Header().Set("Location", "http://127.0.0.1:1"+r.RequestURI)
	switch {
	case strings.HasPrefix(r.URL.Path, "/job"):
		_, _ = io.WriteString(w, `{"job": "1", "echo": "`+base64.StdEncoding.EncodeToString([]byte(said.String()))+`"}`)
	case strings.HasPrefix(r.URL.Path, "/break"):
		w.Header().Set("Content-Length", "1000000")
		_, _ = io.WriteString(w, said.String())
		panic(http.ErrAbortHandler)
	case r.Header.Get("X-Ms-Version") != "":
		w.Header().Set("X-Ms-Error-Code", "Echo")
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, "<Error><Code>Echo</Code><Message>%s</Message></Error>", html.EscapeString(said.String()))
	case strings.Contains(string(body), "assertion="):
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error": "invalid_grant", "error_description": %q}`, said.String())
	default:
		w.WriteHeader(http.StatusForbidden)
		if r.Method == http.MethodPost && r.Header.Get("Idempotency-Key") == "" { // of an alert: cut in the middle of a secret
			_, _ = io.WriteString(w, strings.Repeat("-", 285))
		}
		_, _ = io.WriteString(w, said.String())
	}
}

// refusingMail is a mail server that tells back what it is told, and refuses it.
func refusingMail(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprint(conn, "220 here\r\n")
				for in := bufio.NewScanner(conn); in.Scan(); {
					line := in.Text()
					_, coded, _ := strings.Cut(line, "PLAIN ")
					plain, _ := base64.StdEncoding.DecodeString(coded)
					if strings.HasPrefix(line, "EHLO") {
						fmt.Fprint(conn, "250-here\r\n250 AUTH CRAM-MD5 LOGIN PLAIN\r\n")
						continue
					}
					fmt.Fprintf(conn, "535 5.7.8 no: %s %q\r\n", line, plain)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// TestNoSecretIsToldOn plants a canary in every field that takes a secret, has
// everything that is asked with them tell them on, and looks for them in all that
// is printed, logged, stored, answered and sent.
func TestNoSecretIsToldOn(t *testing.T) {
	there, mail := httptest.NewServer(http.HandlerFunc(echo)), refusingMail(t)
	t.Cleanup(there.Close)
	workspace := strings.NewReplacer("THERE", there.URL, "SMTP", mail).Replace(secrecyWorkspace)
	planted := map[string]string{} // by field
	var secrets strings.Builder
	for i, field := range secretFields() {
		if !strings.Contains(workspace, "secret."+field) {
			t.Errorf("no secret is planted in %s: write secret.%s into the workspace of this test", strings.ReplaceAll(field, "__", "."), field)
		}
		core := fmt.Sprintf("canary%02d7e51c9", i)
		planted[field] = core
		value := core + `/+&<"é`
		switch {
		case field == "waybill__runtime__token":
			value, planted[field] = testToken, testToken
		case strings.HasSuffix(field, "__dsn"):
			value = "postgres://bob:" + core + "@127.0.0.1:1/db?sslmode=disable&connect_timeout=2"
		case field == "alert__smtp":
			value = "smtp://" + mail + "/" + core
		case strings.HasSuffix(field, "url") && !strings.Contains(field, "filedrop") && !strings.Contains(field, "poll"), field == "alert__webhook":
			value = there.URL + "/fail/" + core
		case strings.Contains(field, "headers"), strings.Contains(field, "token"), strings.Contains(field, "key"):
			value = core + `/+&<"z`
		}
		t.Setenv("CANARY_"+strings.ToUpper(field), value)
		fmt.Fprintf(&secrets, "secret %q {\n  env = %q\n}\n", field, "CANARY_"+strings.ToUpper(field))
	}
	t.Setenv("AWS_ENDPOINT_URL_STS", there.URL) // roles are asked for there, too
	gcs := servers.NewGCS(t)                    // for its key only; it is the server above that is asked
	for name, value := range map[string]string{
		"gs_account":      strings.Replace(gcs.Account(t), gcs.URL, there.URL, 1),
		"azure_key":       base64.StdEncoding.EncodeToString([]byte("canaryazurekey5a1c")),
		"azure_signature": "sv=2024-01-01&sp=rl&sig=canaryazuresig9f27",
	} {
		t.Setenv("CANARY_"+strings.ToUpper(name), value)
		fmt.Fprintf(&secrets, "secret %q {\n  env = %q\n}\n", name, "CANARY_"+strings.ToUpper(name))
	}
	planted["gs_account, as the assertion that shows it"] = "eyJhbGciOi"
	planted["azure_key"], planted["azure_signature"] = "canaryazurekey5a1c", "canaryazuresig9f27"
	planted["helper"] = "canaryhelper3b8d"
	secrets.WriteString("secret \"helper\" {\n  exec { command = [\"./helper.sh\"] }\n}\n")
	files := map[string]string{"leak.sh": leakProgram, "helper.sh": "#!/bin/sh\necho canaryhelper3b8d\necho asked canaryhelper3b8d >&2\n"}
	at := workspaceOf(t, files)
	for name := range files {
		if err := os.Chmod(filepath.Join(at, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	serve, address := listening(t, at, "--log-level", "trace", "--metrics", "127.0.0.1:0")
	files["main.hcl"] = strings.Replace(workspace, "ADDRESS", address, 1) + secrets.String()
	here := workspaceOf(t, files)
	saved := filepath.Join(t.TempDir(), "next.plan")
	said := map[string]string{}
	say := func(code int, args ...string) {
		t.Helper()
		stdout, stderr := must(t, code, args...)
		said[strings.Join(args, " ")] += stdout + stderr
	}
	say(exitOK, "validate", here)
	for _, view := range [][]string{{"--out", saved}, {"--json"}, {"--format", "markdown"}, {"--format", "html"}, {"--notes"}} {
		say(exitOK, append([]string{"plan", here}, view...)...)
	}
	say(exitOK, "show", saved, "--json")
	say(exitOK, "--log-level", "trace", "apply", saved, here)
	say(exitOK, "graph", here)
	for group, which := range map[string][]string{"pull": {"--all"}, "push": nil} {
		say(exitNotDone, append([]string{"--log-level", "trace", "run", group, here, "--token", group}, which...)...)
		run := group + "@" + group
		for _, args := range [][]string{{"show", run}, {"show", run, "--json"}, {"why", run}, {"why", run, "--json"}, {"logs", run}, {"logs", run, "--json"}, {"logs", run, "-f"}} {
			say(exitOK, append(args, here)...)
		}
	}
	say(exitOK, "plan", "run", "pull", here, "--all", "--json")
	say(exitOK, "status", here, "--json")
	say(exitOK, "runs", here, "--json")
	for _, a := range []string{"alert.webhook.hook", "alert.slack.chat", "alert.email.owners"} {
		say(exitError, "alert", "test", a, here)
	}
	_, metrics, _ := strings.Cut(serve.output.String(), "Metrics on ")
	metrics, _, _ = strings.Cut(metrics, "\n")
	said["metrics"] = scraped(t, metrics)
	serve.await("the heartbeat's URL cannot be called")
	serve.signal(syscall.SIGQUIT) // a crash: with all stacks, and without a checkpoint of the database
	serve.end()
	if all := fmt.Sprint(said) + serve.output.String(); strings.Count(all, "(secret ") < 50 || !strings.Contains(all, "(secret helper)") {
		t.Errorf("hardly anything was told on, so nothing was tested: %d", strings.Count(all, "(secret "))
	}
	for args, text := range said {
		notTold(t, planted, "waybill "+args, []byte(text))
	}
	notTold(t, planted, "the log of the server", []byte(serve.output.String()))
	err := filepath.WalkDir(at, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Dir(path) == at {
			return err
		}
		text, err := os.ReadFile(path)
		notTold(t, planted, path, text)
		return err
	})
	plan, unread := os.ReadFile(saved)
	notTold(t, planted, "the plan file", plan)
	if err != nil || unread != nil {
		t.Error(err, unread)
	}
}

// notTold looks for canaries in a text, however they are spelled.
func notTold(t *testing.T, planted map[string]string, what string, text []byte) {
	t.Helper()
	lower := bytes.ToLower(text)
	for field, core := range planted {
		forms := []string{strings.ToLower(core), hex.EncodeToString([]byte(core))}
		for shift := range 3 {
			coded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), core...))
			forms = append(forms, strings.ToLower(coded[4:len(coded)-3]))
		}
		i := slices.IndexFunc(forms, func(form string) bool { return bytes.Contains(lower, []byte(form)) })
		if i < 0 {
			continue
		}
		at := bytes.Index(lower, []byte(forms[i]))
		t.Errorf("%s tells the secret of %s: …%q…", what, field, text[max(0, at-100):min(len(text), at+100)])
	}
}
