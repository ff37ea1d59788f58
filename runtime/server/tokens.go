package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/hashicorp/go-hclog"
)

// Tokens is the bearer tokens of a file: one on a line, after a name and a space
// where it has one; lines that are empty or begin with # say nothing. Two tokens
// may have one name, so that one can take the place of the other. It is safe for
// concurrent use.
type Tokens struct{ kept kept[[]entry] }

// entry is a token that is known: its hash and whose it is.
type entry struct {
	name string
	hash [sha256.Size]byte
}

const (
	minToken     = 16 // bytes: what somebody makes up is shorter
	maxTokenFile = 1 << 20
)

// ReadTokens reads the tokens of a file, and later reads them again whenever it
// has changed. A change that cannot be read is logged and leaves the tokens as
// they were.
func ReadTokens(path string, log hclog.Logger) (*Tokens, error) {
	t := &Tokens{kept[[]entry]{
		paths: []string{path},
		read:  func() ([]entry, error) { return readTokens(path) },
		failed: func(err error) {
			log.Error("the token file has changed; the tokens from before are still good", "error", err)
		},
	}}
	return t, t.Reload()
}

// Reload reads the file at once. When it fails, the tokens stay as they were.
func (t *Tokens) Reload() error {
	if err := t.kept.reload(); err != nil {
		return fmt.Errorf("read the token file: %w", err)
	}
	return nil
}

// Whose returns the name of a token; false for an unknown one. It takes as long
// whichever of them it is.
func (t *Tokens) Whose(token string) (name string, known bool) {
	hash := sha256.Sum256([]byte(token))
	entries, found := t.kept.get(), -1
	for i, e := range entries {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], e.hash[:]), i, found)
	}
	if found < 0 {
		return "", false
	}
	return entries[found].name, true
}

func readTokens(path string) ([]entry, error) {
	if err := onlyForOwner(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxTokenFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxTokenFile:
		return nil, fmt.Errorf("%s is larger than 1 MiB", path)
	}
	entries, err := parseTokens(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return entries, nil
}

// parseTokens reads the lines. Its errors name lines and never a token.
func parseTokens(text []byte) ([]entry, error) {
	var entries []entry
	lines := map[[sha256.Size]byte]int{}
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		number++
		words := strings.Fields(string(line))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		token := words[len(words)-1]
		e := entry{hash: sha256.Sum256([]byte(token))}
		switch {
		case len(words) > 2:
			return nil, fmt.Errorf("line %d has %d words: write a token, or a name and a token", number, len(words))
		case strings.ContainsFunc(string(line), func(c rune) bool { return !unicode.IsPrint(c) && !unicode.IsSpace(c) }),
			strings.ContainsFunc(token, func(c rune) bool { return c > unicode.MaxASCII }):
			return nil, fmt.Errorf("line %d has characters that no request can carry: write letters and digits, in UTF-8", number)
		case len(token) < minToken:
			return nil, fmt.Errorf("line %d: the token is shorter than %d characters; 'openssl rand -hex 32' makes a good one", number, minToken)
		case len(words) == 2:
			e.name = words[0]
		default:
			e.name = "token-" + hex.EncodeToString(e.hash[:4])
		}
		if before := lines[e.hash]; before != 0 {
			return nil, fmt.Errorf("lines %d and %d have the same token", before, number)
		}
		lines[e.hash] = number
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("it has no token; 'openssl rand -hex 32' makes one")
	}
	return entries, nil
}
