package landing

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPart is the longest escaped name in bytes: file systems allow 255, and
// ".json" may follow.
const maxPart = 200

// Escape makes a name fit to be one part of a path everywhere. Letters and
// digits of all scripts and - _ . @ + = , ~ stay; each byte of anything else,
// slash, colon and percent sign among them, becomes % and two hex digits:
// "courier_group.daily@2026-11-22T21%3A00%3A00Z". So does the first byte of a
// name that starts with a dot and of "_runs" and "manifest.json", which have a
// meaning of their own. Different names stay different. A result of more than
// 200 bytes is cut, and ends in "~" and half of the name's SHA-256.
func Escape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		special := i == 0 && (r == '.' || name == runs || name == manifestName)
		if !special && isPlain(r, size) {
			b.WriteString(name[i : i+size])
		} else {
			for _, c := range []byte(name[i : i+size]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
		i += size
	}
	out := b.String()
	switch {
	case out == "":
		return "%" // no name escapes to it
	case len(out) <= maxPart:
		return out
	}
	sum := sha256.Sum256([]byte(name))
	mark := "~" + hex.EncodeToString(sum[:16])
	return strings.ToValidUTF8(out[:maxPart-len(mark)], "") + mark
}

func isPlain(r rune, size int) bool {
	if r == utf8.RuneError && size == 1 {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.@+=,~", r)
}
