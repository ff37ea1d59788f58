package window

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
)

// Unit is how long the stretch of time is that one dated file stands for: that of
// its pattern's smallest token.
type Unit int

// The units. None is that of a pattern without a date, which goes by arrival.
const (
	None Unit = iota
	Year
	Month
	Day
	Hour
)

var unitNames = [...]string{"none", "year", "month", "day", "hour"}

func (u Unit) String() string { return unitNames[u] }

// Format writes a date as files of this unit are dated: "2026", "2026-11",
// "2026-11-21", "2026-11-21T05"; "" for None.
func (u Unit) Format(w cron.Wall) string {
	date, clock, _ := strings.Cut(w.String(), " ")
	switch u {
	case Year:
		return date[:len(date)-len("-01-02")]
	case Month:
		return date[:len(date)-len("-02")]
	case Day:
		return date
	case Hour:
		return date + "T" + clock[:2]
	default:
		return ""
	}
}

// Floor is the beginning of the year, month, day or hour in which w lies.
func (u Unit) Floor(w cron.Wall) cron.Wall {
	y, m, d, h, _ := w.Civil()
	switch u {
	case Year:
		return cron.WallOf(y, 1, 1, 0, 0)
	case Month:
		return cron.WallOf(y, m, 1, 0, 0)
	case Day:
		return cron.WallOf(y, m, d, 0, 0)
	case Hour:
		return cron.WallOf(y, m, d, h, 0)
	default:
		return w
	}
}

// next is the beginning of the unit after the one that begins at w.
func (u Unit) next(w cron.Wall) cron.Wall {
	y, m, d, h, _ := w.Civil()
	switch u {
	case Year:
		return cron.WallOf(y+1, 1, 1, 0, 0)
	case Month:
		return cron.WallOf(y, m+1, 1, 0, 0)
	case Day:
		return w.AddDays(1)
	default:
		return cron.WallOf(y, m, d, h+1, 0)
	}
}

// token names the unit that a token writes.
var token = map[string]Unit{"{yyyy}": Year, "{MM}": Month, "{dd}": Day, "{HH}": Hour}

var tokenText = [...]string{Year: "{yyyy}", Month: "{MM}", Day: "{dd}", Hour: "{HH}"}

// piece is a part of a pattern: literal text, a wildcard, or a token.
type piece struct {
	literal string
	wild    byte // '*' or '?'
	unit    Unit
}

// Pattern is a file name with a date in it, relative to the source's URL: literal
// text, the tokens {yyyy} {MM} {dd} {HH}, "*" for any text and "?" for one
// character, neither of which crosses "/". It is immutable.
type Pattern struct {
	source string
	pieces []piece
	unit   Unit
	stars  int
	carry  []unitSet // see match.go
}

// PatternError says what is wrong with a pattern. Offset and Length count bytes of
// it; Message is what is wrong, Fix what to write instead.
type PatternError struct {
	Code    diag.Code
	Offset  int
	Length  int
	Message string
	Fix     string
}

func (e *PatternError) Error() string { return e.Message + ": " + e.Fix }

// ParsePattern reads a pattern. The error is always a *PatternError, the first of
// [PatternErrors].
func ParsePattern(s string) (*Pattern, error) {
	p, errs := parsePattern(s)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return p, nil
}

// PatternErrors is what is wrong with a pattern: each unknown token, and the first
// of all else; nothing for one that ParsePattern reads.
func PatternErrors(s string) []*PatternError {
	_, errs := parsePattern(s)
	return errs
}

func parsePattern(s string) (*Pattern, []*PatternError) {
	if err := checkPath(s); err != nil {
		return nil, []*PatternError{err}
	}
	p := &Pattern{source: s}
	var errs []*PatternError
	for at := 0; at < len(s); {
		n, err := p.scan(s, at)
		if err != nil {
			errs = append(errs, err)
			if err.Code != diag.PatternToken {
				return nil, errs
			}
			n = err.Offset + err.Length - at
		}
		at += n
	}
	if len(errs) > 0 {
		return nil, errs
	}
	if err := p.checkUnits(); err != nil {
		return nil, []*PatternError{err}
	}
	p.carry = carried(p.pieces)
	return p, nil
}

// scan appends the piece at a byte of s and returns its length.
func (p *Pattern) scan(s string, at int) (int, *PatternError) {
	rest := s[at:]
	switch rest[0] {
	case '*', '?':
		if strings.HasPrefix(rest, "**") {
			return 0, &PatternError{diag.PatternWildcard, at, 2, "** has no meaning of its own, since * never crosses /",
				"write one * for each folder, such as */*/orders.csv"}
		}
		if rest[0] == '*' {
			p.stars++
		}
		p.pieces = append(p.pieces, piece{wild: rest[0]})
		return 1, nil
	case '}':
		return 0, &PatternError{diag.PatternBrace, at, 1, "a } without a {", "write tokens as {yyyy}, or leave the } out"}
	case '{':
		end := strings.IndexAny(rest[1:], "{}/")
		if end < 0 || rest[1+end] != '}' {
			return 0, &PatternError{diag.PatternBrace, at, 1, "a { that is not closed", "write the whole token, such as {yyyy}"}
		}
		text := rest[:end+2]
		unit, ok := token[text]
		if !ok {
			return 0, unknownToken(text, at)
		}
		p.pieces = append(p.pieces, piece{unit: unit})
		return len(text), nil
	}
	n := strings.IndexAny(rest, "*?{}")
	if n < 0 {
		n = len(rest)
	}
	if m := characters.FindStringIndex(rest[:n]); m != nil {
		return 0, &PatternError{diag.PatternWildcard, at + m[0], m[1] - m[0], "the text " + rest[m[0]:m[1]] + " stands for itself, and for no character of a list",
			"write ? for one character, or * for any text"}
	}
	if err := otherDate(rest[:n], at); err != nil {
		return 0, err
	}
	p.pieces = append(p.pieces, piece{literal: rest[:n]})
	return n, nil
}

// checkUnits finds the smallest token and demands the larger ones.
func (p *Pattern) checkUnits() *PatternError {
	var has [Hour + 1]bool
	for _, x := range p.pieces {
		has[x.unit] = true
		p.unit = max(p.unit, x.unit)
	}
	for u := Year; u < p.unit; u++ {
		if !has[u] {
			text := tokenText[p.unit]
			return &PatternError{diag.PatternIncompleteDate, strings.Index(p.source, text), len(text),
				fmt.Sprintf("%s without %s names no date", text, tokenText[u]),
				"write " + strings.Join(tokenText[Year:p.unit+1], " ") + " in the pattern, in any order and place"}
		}
	}
	return nil
}

// String is the pattern as written.
func (p *Pattern) String() string { return p.source }

// Unit is that of the smallest token, None without tokens.
func (p *Pattern) Unit() Unit { return p.unit }

// Name is the name that the pattern looks for on a date; * and ? stay as they
// are.
func (p *Pattern) Name(w cron.Wall) string {
	b := make([]byte, 0, len(p.source))
	for _, x := range p.pieces {
		switch {
		case x.unit != None:
			b = x.unit.append(b, w)
		case x.wild != 0:
			b = append(b, x.wild)
		default:
			b = append(b, x.literal...)
		}
	}
	return string(b)
}

// append writes the field of w that a token stands for.
func (u Unit) append(b []byte, w cron.Wall) []byte {
	year, month, day, hour, _ := w.Civil()
	if u == Year {
		return fmt.Appendf(b, "%04d", year)
	}
	n := [...]int{Month: int(month), Day: day, Hour: hour}[u]
	return append(b, '0'+byte(n/10), '0'+byte(n%10))
}

// tokenWidth is how many characters a token stands for.
var tokenWidth = [...]int{Year: 4, Month: 2, Day: 2, Hour: 2}

// Base is the longest folder that every match lies in: what stands before the
// first token or wildcard, up to and without its last slash; "" is the root.
func (p *Pattern) Base() string {
	fixed := p.source
	if i := strings.IndexAny(fixed, "*?{"); i >= 0 {
		fixed = fixed[:i]
	}
	return fixed[:max(strings.LastIndexByte(fixed, '/'), 0)]
}

// dateElsewhere is a date as other tools write the place of one: YYYYMMDD,
// yyyy-MM-dd, %Y%m%d.
var dateElsewhere = regexp.MustCompile(`(?i:yyyy([-_./]?)mm(?:([-_./]?)dd)?)|%Y([-_./]?)%m(?:([-_./]?)%d)?`)

// characters is a list of characters as shells and regular expressions have it:
// [0-9], [a-zA-Z].
var characters = regexp.MustCompile(`\[[!^]?(?:[0-9A-Za-z]-[0-9A-Za-z])+\]`)

// otherDate refuses literal text that seems to be meant for a date.
func otherDate(literal string, at int) *PatternError {
	m := dateElsewhere.FindStringSubmatchIndex(literal)
	if m == nil {
		return nil
	}
	found := literal[m[0]:m[1]]
	group := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return literal[m[2*i]:m[2*i+1]]
	}
	meant := "{yyyy}" + group(1) + group(3) + "{MM}"
	if strings.HasSuffix(strings.ToLower(found), "d") {
		meant += group(2) + group(4) + "{dd}"
	}
	return &PatternError{diag.PatternToken, at + m[0], m[1] - m[0], "the text " + found + " stands for itself, and for no date", "write " + meant}
}
