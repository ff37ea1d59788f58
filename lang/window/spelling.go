package window

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/diag"
)

// checkPath refuses what is no path below the source's URL: the pattern must not
// be able to name anything outside it.
func checkPath(s string) *PatternError {
	switch {
	case s == "":
		return &PatternError{diag.PatternPath, 0, 0, "the pattern is empty", "write the name of a file, such as orders-{yyyy}{MM}{dd}.csv"}
	case strings.Contains(s, "://"):
		i := strings.Index(s, "://")
		return &PatternError{diag.PatternPath, 0, i + 3, "the pattern is a URL", "write the URL in the source block, and here the path below it"}
	case s[0] == '/':
		return &PatternError{diag.PatternEscape, 0, 1, "the path is absolute", "write the path below the courier's URL, without the / in front"}
	case strings.TrimSpace(s) != s:
		return &PatternError{diag.PatternPath, 0, len(s), "the pattern begins or ends with a space, which would be part of the name", "leave it out"}
	case len(s) >= 2 && s[1] == ':' && isLetter(s[0]):
		return &PatternError{diag.PatternEscape, 0, 2, "the path begins with a drive", "write the path below the courier's URL"}
	}
	for i, r := range s {
		switch {
		case r == '\\':
			return &PatternError{diag.PatternPath, i, 1, `a \ in the pattern`, "folders are divided by / on every system: write / instead"}
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			return &PatternError{diag.PatternPath, i, 1, "the pattern is not UTF-8 text", "save the file as UTF-8"}
		case unicode.IsControl(r):
			return &PatternError{diag.PatternPath, i, utf8.RuneLen(r), fmt.Sprintf("the control character %U in the pattern", r), "leave it out"}
		}
	}
	at := 0
	for segment := range strings.SplitSeq(s, "/") {
		switch segment {
		case "":
			return emptySegment(s, at)
		case ".":
			return &PatternError{diag.PatternPath, at, 1, "the folder . is the one it stands in", "leave ./ out"}
		case "..":
			return &PatternError{diag.PatternEscape, at, 2, "the path leaves the courier's folder", "write a path below the courier's URL, without .., or move the URL up"}
		}
		at += len(segment) + 1
	}
	return nil
}

func emptySegment(s string, at int) *PatternError {
	if at == len(s) {
		return &PatternError{diag.PatternPath, at - 1, 1, "the pattern ends in a folder", "write the name of a file behind the last /, such as *"}
	}
	return &PatternError{diag.PatternPath, at - 1, 2, "a folder without a name", "write one / between two names"}
}

// meant is what people mean by the tokens of other systems.
var meant = map[string]string{
	"YYYY": "{yyyy}", "yy": "{yyyy}", "YY": "{yyyy}", "y": "{yyyy}", "Y": "{yyyy}", "year": "{yyyy}", "uuuu": "{yyyy}", "%Y": "{yyyy}",
	"mm": "{MM}", "M": "{MM}", "m": "{MM}", "month": "{MM}", "mon": "{MM}", "%m": "{MM}",
	"DD": "{dd}", "d": "{dd}", "D": "{dd}", "day": "{dd}", "%d": "{dd}",
	"hh": "{HH}", "H": "{HH}", "h": "{HH}", "hour": "{HH}", "%H": "{HH}",
	"date": "{yyyy}-{MM}-{dd}", "ds": "{yyyy}-{MM}-{dd}", "today": "{yyyy}-{MM}-{dd}", "ds_nodash": "{yyyy}{MM}{dd}",
	"datetime": "{yyyy}-{MM}-{dd}T{HH}", "timestamp": "{yyyy}-{MM}-{dd}T{HH}",
}

const allTokens = "the tokens are {yyyy}, {MM}, {dd} and {HH}"

func unknownToken(text string, at int) *PatternError {
	name := strings.TrimSpace(text[1 : len(text)-1])
	e := &PatternError{diag.PatternToken, at, len(text), fmt.Sprintf("the token %s is not known", text), allTokens}
	switch fix := composed(name); {
	case name == "":
		e.Message = "a token without a name"
	case name == "mm":
		e.Message = "{mm} would be minutes, which file names have none of"
		e.Fix = "write {MM} for the month; " + allTokens
	case name == "file":
		e.Fix = "{file} belongs in done_marker and manifest; here " + allTokens
	case name == "ss" || name == "minute" || name == "min" || name == "SSS":
		e.Fix = "the hour is the smallest unit: write * for what is smaller"
	case fix != "":
		e.Fix = "write " + fix
	}
	return e
}

// composed spells out several tokens in one pair of braces, such as yyyy-MM-dd or
// YYYYMMDD; "" where that makes no sense of it.
func composed(name string) string {
	if fix := meant[name]; fix != "" {
		return fix
	}
	var b strings.Builder
	for rest := name; rest != ""; {
		n := 1
		for n < len(rest) && rest[n] == rest[0] {
			n++
		}
		run := rest[:n]
		fix := meant[run]
		if _, ok := token["{"+run+"}"]; ok {
			fix = "{" + run + "}"
		}
		switch {
		case fix != "":
			b.WriteString(fix)
		case n == 1 && strings.ContainsAny(run, "-_.T"):
			b.WriteString(run)
		default:
			return ""
		}
		rest = rest[n:]
	}
	return b.String()
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }
