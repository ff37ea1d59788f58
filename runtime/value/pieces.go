package value

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
)

// minPiece is the shortest line of a secret, the shortest part of one that is a
// URL, and the shortest piece of base64, that is hidden by itself: anything
// shorter is found in ordinary text.
const minPiece = 8

// minPassword is that for a password in the address of a server.
const minPassword = 5

// pieces are the parts of a secret that may appear without the others: the lines
// of one that has several, the parts of one that is an address, and its base64 in
// the middle of a longer text.
func pieces(s string) []string {
	var out []string
	if lines := strings.Split(s, "\n"); len(lines) > 1 {
		for _, line := range lines {
			if line = strings.TrimSpace(line); len(line) >= minPiece {
				out = append(out, line)
			}
		}
	}
	for _, part := range addressParts(s) {
		out = append(out, spellings(part)...)
	}
	return append(append(out, wrapped(s)...), within(s)...)
}

// keyword finds the password in the address of a database that is written in
// keywords.
var keyword = regexp.MustCompile(`(?i)\bpass(?:word|wd)?\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s;&]+))`)

// addressParts are what of a secret address a server, or a library that cannot
// reach one, tells on: its path, query and password.
func addressParts(s string) []string {
	var out []string
	keep := func(least int, texts ...string) {
		for _, text := range texts {
			if len(text) >= least && text != s {
				out = append(out, text)
			}
		}
	}
	for _, m := range keyword.FindAllStringSubmatch(s, -1) {
		keep(minPassword, m[1]+m[2])
	}
	if !strings.Contains(s, "://") {
		return out
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return out
	}
	if password, ok := u.User.Password(); ok {
		keep(minPassword, password)
	}
	if u.Scheme == "https" || u.Scheme == "http" { // elsewhere the path names a database or a folder
		keep(minPiece, u.RequestURI(), strings.TrimPrefix(u.Path, "/"), u.RawQuery, u.Fragment)
		keep(minPiece, strings.Split(u.Path, "/")...)
	}
	for _, values := range u.Query() {
		keep(minPiece, values...)
	}
	return out
}

// wrapped is a secret in base64 that is cut into lines, as in mail and keys.
func wrapped(s string) []string {
	var out []string
	for _, width := range []int{64, 76} {
		text := base64.StdEncoding.EncodeToString([]byte(s))
		if len(text) <= width {
			continue
		}
		for ; len(text) > width; text = text[width:] {
			out = append(out, text[:width])
		}
		if len(text) >= minPiece {
			out = append(out, text)
		}
	}
	return out
}

// within is the base64 of a secret in the middle of a longer text, as in the
// header of basic authentication: there it may start at any of three places, and
// only its inner characters are its own.
func within(s string) []string {
	var out []string
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift, foreign := range []int{0, 2, 3} {
			text := enc.EncodeToString(append(make([]byte, shift), s...))
			if (shift+len(s))%3 != 0 {
				text = text[:len(text)-1]
			}
			if len(text)-foreign >= minPiece {
				out = append(out, text[foreign:])
			}
		}
	}
	return out
}
