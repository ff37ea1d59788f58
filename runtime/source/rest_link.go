package source

import (
	"strconv"
	"strings"
)

// nextLink finds the target of rel="next" in Link headers (RFC 8288).
func nextLink(headers []string) string {
	for rest := strings.Join(headers, ","); ; {
		open := strings.IndexByte(rest, '<')
		if open < 0 {
			return ""
		}
		target, after, closed := strings.Cut(rest[open+1:], ">")
		if !closed {
			return ""
		}
		rel, behind := linkRel(after)
		for word := range strings.FieldsSeq(rel) {
			if strings.EqualFold(word, "next") {
				return strings.TrimSpace(target)
			}
		}
		rest = behind
	}
}

// linkRel reads the parameters of one link, and returns what comes behind them.
func linkRel(s string) (rel, rest string) {
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] != ';' {
			return rel, s
		}
		s = strings.TrimLeft(s[1:], " \t")
		end := strings.IndexAny(s, "=;,")
		if end < 0 {
			return rel, ""
		}
		name := strings.TrimSpace(s[:end])
		if s[end] != '=' {
			s = s[end:]
			continue
		}
		s = strings.TrimLeft(s[end+1:], " \t")
		var text string
		if quoted, err := strconv.QuotedPrefix(s); err == nil && strings.HasPrefix(s, `"`) {
			s = s[len(quoted):]
			text = strings.Trim(quoted, `"`)
		} else if end = strings.IndexAny(s, ";,"); end < 0 {
			text, s = s, ""
		} else {
			text, s = s[:end], s[end:]
		}
		if strings.EqualFold(name, "rel") && rel == "" {
			rel = strings.TrimSpace(text)
		}
	}
}
