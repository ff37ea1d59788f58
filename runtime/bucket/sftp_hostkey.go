package bucket

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys is what a server must show to be the one that is meant.
type hostKeys struct {
	keys   []ssh.PublicKey
	prints []string            // fingerprints, SHA256:…
	known  ssh.HostKeyCallback // known_hosts, where host_key says nothing
	files  []string            // which
	tries  [][]string          // algorithms to ask for, one try after the other
}

// keyFamilies is the algorithms of host keys, by what a server has a key of.
var keyFamilies = [][]string{
	{ssh.KeyAlgoED25519},
	{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
	{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256},
}

// wrongHostKey says that a server showed a key that is not one of its known ones.
type wrongHostKey struct{ text string }

func (e *wrongHostKey) Error() string { return e.text }

// parseHostKeys reads host_key: lines as in authorized_keys or known_hosts, or
// fingerprints.
func parseHostKeys(text string) (hostKeys, error) {
	var h hostKeys
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case strings.HasPrefix(line, "SHA256:"):
			h.prints = append(h.prints, strings.TrimRight(strings.Fields(line)[0], "="))
			continue
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			return h, fmt.Errorf("host_key is neither a key, such as \"ssh-ed25519 AAAA…\", nor a fingerprint, such as \"SHA256:…\"; ssh-keyscan HOST prints the keys")
		}
		h.keys = append(h.keys, key)
	}
	switch {
	case len(h.prints) > 0:
		h.tries = keyFamilies
	case len(h.keys) > 0:
		h.tries = triesFor(h.keys)
	}
	return h, nil
}

// triesFor asks a server for one of some keys, and where it has none like them for
// any, to tell which it has.
func triesFor(keys []ssh.PublicKey) [][]string {
	return [][]string{algorithmsOf(keys), slices.Concat(keyFamilies...)}
}

// algorithmsOf returns the algorithms with which a server shows one of some keys.
func algorithmsOf(keys []ssh.PublicKey) []string {
	var out []string
	for _, k := range keys {
		if k.Type() == ssh.KeyAlgoRSA {
			out = append(out, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
			continue
		}
		out = append(out, k.Type())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// orKnown returns the keys, or without any what known_hosts says of an address.
func (h hostKeys) orKnown(address string) (hostKeys, error) {
	if len(h.tries) > 0 {
		return h, nil
	}
	home, _ := os.UserHomeDir()
	for _, name := range []string{filepath.Join(home, ".ssh", "known_hosts"), "/etc/ssh/ssh_known_hosts"} {
		if _, err := os.Stat(name); err == nil {
			h.files = append(h.files, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return h, err
		}
	}
	h.tries = [][]string{slices.Concat(keyFamilies...)}
	if len(h.files) == 0 {
		return h, nil
	}
	var err error
	if h.known, err = knownhosts.New(h.files...); err != nil {
		return h, err
	}
	// What is known of the server decides for which key it is asked.
	var unknown *knownhosts.KeyError
	if err := h.known(address, &net.TCPAddr{}, nobody()); errors.As(err, &unknown) && len(unknown.Want) > 0 {
		var keys []ssh.PublicKey
		for _, k := range unknown.Want {
			keys = append(keys, k.Key)
		}
		h.tries = triesFor(keys)
	}
	return h, nil
}

// nobody is a key that no server has.
func nobody() ssh.PublicKey {
	key, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		panic(err) // the key has the right length
	}
	return key
}

// check says what is wrong with the key that a server shows.
func (h hostKeys) check(address string, remote net.Addr, key ssh.PublicKey) error {
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
	print := ssh.FingerprintSHA256(key)
	if h.known == nil && len(h.keys)+len(h.prints) == 0 {
		return &wrongHostKey{fmt.Sprintf("nothing says which host key %s must have. It shows one with the fingerprint %s; "+
			"where its operator confirms that, write host_key = %q", address, print, line)}
	}
	if h.known == nil {
		fits := func(k ssh.PublicKey) bool { return string(k.Marshal()) == string(key.Marshal()) }
		if slices.Contains(h.prints, print) || slices.ContainsFunc(h.keys, fits) {
			return nil
		}
		return &wrongHostKey{fmt.Sprintf("%s shows another host key than host_key says, with the fingerprint %s. Either somebody is between, "+
			"or the server has a new key; where its operator confirms that, write host_key = %q", address, print, line)}
	}
	err := h.known(address, remote, key)
	var unknown *knownhosts.KeyError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown) && len(unknown.Want) == 0:
		return &wrongHostKey{fmt.Sprintf("%s is not in %s. It shows a host key with the fingerprint %s; "+
			"where its operator confirms that, write host_key = %q", address, strings.Join(h.files, " nor in "), print, line)}
	case errors.As(err, &unknown):
		return &wrongHostKey{fmt.Sprintf("%s shows another host key than line %d of %s says, with the fingerprint %s. Either somebody is between, "+
			"or the server has a new key; where its operator confirms that, write host_key = %q", address, unknown.Want[0].Line, unknown.Want[0].Filename, print, line)}
	}
	return &wrongHostKey{fmt.Sprintf("the host key of %s: %v", address, err)}
}
