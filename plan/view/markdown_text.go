package view

import (
	"strings"
	"unicode"
)

// inline is text as it stands in a line of Markdown and in HTML within it: what
// Markdown, HTML, GitHub or GitLab could take for their own shows as it is. An @,
// # or such, which could name a person, an issue or an address, has a space of no
// width behind it.
func inline(s string) string {
	s = strings.ReplaceAll(printable(s), arrow, " → ")
	var b strings.Builder
	for i, r := range s {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '$':
			b.WriteString("&#36;")
		case '\\', '`', '*', '[', ']', '|', '~':
			b.WriteByte('\\')
			b.WriteRune(r)
			if r == '~' {
				b.WriteString(noLink)
			}
		case '_':
			if !inWord(s, i) {
				b.WriteByte('\\')
			}
			b.WriteByte('_')
		case '@', '#', '!', '%', ':', '.':
			b.WriteRune(r)
			if linksAt(s, i) {
				b.WriteString(noLink)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// noLink is a space of no width.
const noLink = "&#8203;"

// linksAt reports whether the byte i of s could make a link of what follows it: a
// mention, the number of an issue, an address.
func linksAt(s string, i int) bool {
	switch s[i] {
	case ':':
		return strings.HasPrefix(s[i+1:], "//")
	case '.':
		return i >= 3 && strings.EqualFold(s[i-3:i], "www")
	default:
		return !strings.HasPrefix(s[i+1:], " ")
	}
}

// inWord reports whether the byte i of s stands between two letters or digits of
// ASCII.
func inWord(s string, i int) bool {
	return i > 0 && i+1 < len(s) && alphanumeric(s[i-1]) && alphanumeric(s[i+1])
}

func alphanumeric(c byte) bool {
	return c < unicode.MaxASCII && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)))
}

// code is text as a span of code.
func code(s string) string {
	s = shorten(s, 200)
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// fenced is the lines around a block of code that holds text.
func fenceOf(text string) string { return strings.Repeat("`", max(3, longestRun(text, '`')+1)) }

// longestRun is how often r stands in s without a break, at most.
func longestRun(s string, r rune) int {
	longest, n := 0, 0
	for _, x := range s {
		if x != r {
			n = 0
			continue
		}
		n++
		longest = max(longest, n)
	}
	return longest
}

// codeBlock is a folded section whose pieces stand in a block of code.
func codeBlock(title, language, more string, pieces []string) *section {
	s := folded(title, more)
	fence := "```"
	for _, piece := range pieces {
		if f := fenceOf(piece); len(f) > len(fence) {
			fence = f
		}
	}
	s.head += fence + language + "\n"
	s.foot = fence + "\n" + s.foot
	s.pieces, s.fenced = pieces, true
	return s
}

// changes is the changes as a diff, its markers in the first column.
func (m *markdown) changes() *section {
	if len(m.plan.Changes) == 0 {
		return nil
	}
	var pieces []string
	for i := range m.plan.Changes {
		pieces = append(pieces, diffOf(&m.plan.Changes[i]))
	}
	return codeBlock("Changes: "+counted(len(pieces), "block"), "diff", "block", pieces)
}
