package bucket_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/waybill-dev/waybill/runtime/bucket"
	"github.com/waybill-dev/waybill/runtime/bucket/servers"
	"github.com/waybill-dev/waybill/runtime/value"
)

// locked is a key with the passphrase "sesame".
const locked = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDc4PU05t
Ajh2KimDoZFLs9AAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIKOCiuuU4xkVNF00
Se6JGgYXTWyfBE4euzYc+5UKhX69AAAAkE3xwvHVL3L4lu6yTbB3uBVJGbMfWDzUpbQCk+
/QqphI2qxQj4WKbET7O0zTJJKjh8kxmg4TtbLrQo0sqxFrfdERYTRUFkvRi2U6SOyDI7pv
BI3IAESY/MlomPPCNbIN7NHJdzNowjp68QjvT7DMzXL55I28ZNO38gZA/DJaaOaoGeqSND
6YNU/ZrYCwkIldTA==
-----END OPENSSH PRIVATE KEY-----
`

func fingerprint(t *testing.T, line string) string {
	t.Helper()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return ssh.FingerprintSHA256(key)
}

// TestSFTPLogin gives a server of OpenSSH right and wrong keys.
func TestSFTPLogin(t *testing.T) {
	t.Parallel()
	server := servers.StartSSHD(t)
	other, otherPublic := servers.Key(t)
	print := fingerprint(t, server.HostKey)
	for name, test := range map[string]struct {
		change func(*bucket.Access)
		fault  value.Fault
		says   []string
	}{
		"key":               {change: func(*bucket.Access) {}},
		"fingerprint":       {change: func(a *bucket.Access) { a.HostKey = print }},
		"one of several":    {change: func(a *bucket.Access) { a.HostKey = "# old\n" + otherPublic + "\n\n" + server.HostKey + " comment\n" }},
		"as in known_hosts": {change: func(a *bucket.Access) { a.HostKey = "example.com " + server.HostKey }},
		"user apart": {change: func(a *bucket.Access) {
			a.URL, a.Username = strings.Replace(a.URL, server.User+"@", "", 1), server.User
		}},
		"key without line end": {change: func(a *bucket.Access) { a.PrivateKey = strings.TrimSpace(a.PrivateKey) }},
		"another host key": {
			func(a *bucket.Access) { a.HostKey = otherPublic }, value.Misconfigured,
			[]string{"shows another host key than host_key says", print, `host_key = "` + server.HostKey + `"`},
		},
		"another fingerprint": {
			func(a *bucket.Access) { a.HostKey = fingerprint(t, otherPublic) }, value.Misconfigured,
			[]string{"shows another host key than host_key says", print, `host_key = "` + server.HostKey + `"`},
		},
		"a host key that it has none like": {
			func(a *bucket.Access) {
				a.HostKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
			},
			value.Misconfigured, []string{"shows another host key than host_key says", `host_key = "` + server.HostKey + `"`},
		},
		"no host key":       {func(a *bucket.Access) { a.HostKey = "yes" }, value.Misconfigured, []string{"host_key is neither a key", "ssh-keyscan"}},
		"another key":       {func(a *bucket.Access) { a.PrivateKey = other }, value.Misconfigured, []string{"does not let user " + server.User + " in with the private key SHA256:"}},
		"a public key":      {func(a *bucket.Access) { a.PrivateKey = otherPublic }, value.Misconfigured, []string{"private_key is a public key"}},
		"no key":            {func(a *bucket.Access) { a.PrivateKey = "secret" }, value.Misconfigured, []string{"private_key is no SSH key"}},
		"a key of PuTTY":    {func(a *bucket.Access) { a.PrivateKey = "PuTTY-User-Key-File-3: ssh-ed25519\n" }, value.Misconfigured, []string{"puttygen"}},
		"a key with a lock": {func(a *bucket.Access) { a.PrivateKey = locked }, value.Misconfigured, []string{"has a passphrase; give it as password"}},
		"the wrong passphrase": {
			func(a *bucket.Access) { a.PrivateKey, a.Password = locked, "open" }, value.Misconfigured,
			[]string{"password is not the passphrase"},
		},
		"its passphrase": {
			func(a *bucket.Access) { a.PrivateKey, a.Password = locked, "sesame" }, value.Misconfigured,
			[]string{"in with the private key SHA256:"},
		},
		"a password that it does not take": {
			func(a *bucket.Access) { a.PrivateKey, a.Password = "", "hunter2" }, value.Misconfigured,
			[]string{"in with the password"},
		},
		"no user": {
			func(a *bucket.Access) { a.URL = strings.Replace(a.URL, server.User+"@", "", 1) }, value.Misconfigured,
			[]string{"no user is named; write sftp://USER@HOST/FOLDER"},
		},
		"two users": {func(a *bucket.Access) { a.Username = "other" }, value.Misconfigured, []string{"write one of them"}},
		"a folder that is not there": {
			func(a *bucket.Access) { a.URL += "/absent" }, value.Misconfigured,
			[]string{"/absent does not exist on " + server.Address},
		},
		"nobody there": {
			func(a *bucket.Access) { a.URL = "sftp://feeds@127.0.0.1:1/x" }, value.SourceError,
			[]string{"127.0.0.1:1 cannot be reached: nothing listens there"},
		},
		"a name that nobody knows": {
			func(a *bucket.Access) { a.URL = "sftp://feeds@sftp.invalid/x" }, value.SourceError,
			[]string{"sftp.invalid:22 cannot be reached"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := access(server, server.Dir)
			test.change(&a)
			s, err := bucket.Open(t.Context(), "", a)
			if err == nil {
				defer func() { _ = s.Close() }()
				_, err = s.List(t.Context(), all())
			}
			wantFault(t, err, test.fault, test.says...)
			if err != nil && (strings.Contains(err.Error(), "BEGIN OPENSSH") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "sesame")) {
				t.Errorf("it tells a secret: %v", err)
			}
		})
	}
}

func wantFault(t *testing.T, err error, fault value.Fault, says ...string) {
	t.Helper()
	if value.FaultOf(err) != fault {
		t.Errorf("fault %q of %v", value.FaultOf(err), err)
		return
	}
	for _, text := range says {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in: %v", text, err)
		}
	}
}

// TestSFTPAsSSH logs in with what ssh itself would use. It sets the environment.
func TestSFTPAsSSH(t *testing.T) {
	server := servers.StartSSHD(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("SSH_AUTH_SOCK", "")
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(home, ".ssh", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	look := func() error {
		s := openSFTP(t, bucket.Access{URL: "sftp://" + server.User + "@" + server.Address + server.Dir})
		_, err := s.List(t.Context(), all())
		return err
	}
	known := func(key string) string {
		host, port, _ := net.SplitHostPort(server.Address)
		return "[" + host + "]:" + port + " " + key + "\n"
	}
	_, other := servers.Key(t)
	paste := `host_key = "` + server.HostKey + `"`

	wantFault(t, look(), value.Misconfigured, "nothing says which host key "+server.Address+" must have", paste)
	file("known_hosts", "example.com "+server.HostKey+"\n")
	wantFault(t, look(), value.Misconfigured, server.Address+" is not in "+home+"/.ssh/known_hosts", paste)
	file("known_hosts", known(other))
	wantFault(t, look(), value.Misconfigured, "shows another host key than line 1 of "+home+"/.ssh/known_hosts says", paste)
	file("known_hosts", known(server.HostKey))
	wantFault(t, look(), value.Misconfigured, "there is nothing to log in with as user "+server.User)
	file("id_ed25519", server.PrivateKey)
	wantFault(t, look(), "")
}

// TestSFTPPassword gives a server right and wrong passwords, in both ways that
// there are.
func TestSFTPPassword(t *testing.T) {
	t.Parallel()
	plain := servers.NewSFTP(t, "right", servers.ServeFiles).Listen(t, nil)
	asking := servers.NewSFTP(t, "", servers.ServeFiles)
	asking.AskInstead("right")
	asking.Listen(t, nil)
	for name, server := range map[string]*servers.SFTP{"password": plain, "question": asking} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := bucket.Access{URL: "sftp://feeds@" + server.Address + t.TempDir(), Password: "right", HostKey: server.HostKey}
			_, err := openSFTP(t, a).List(t.Context(), all())
			wantFault(t, err, "")
			a.Password = "wrong"
			_, err = openSFTP(t, a).List(t.Context(), all())
			wantFault(t, err, value.Misconfigured, "does not let user feeds in with the password")
		})
	}
}
