package cron

import (
	"fmt"
	"regexp"
	"strings"
)

// Error is why an expression was refused.
type Error struct {
	// Code is the stable code of the problem, WB101 to WB107 or WB201.
	Code string
	// Offset and Length delimit the offending bytes of the expression as written.
	// Length is 0 where something is missing.
	Offset, Length int
	// Message says what is wrong, Fix what to write instead; both are phrases
	// without a final stop. Fix may be empty.
	Message, Fix string
}

func (e *Error) Error() string {
	if e.Fix == "" {
		return e.Message
	}
	return e.Message + ": " + e.Fix
}

// Codes of refused expressions.
const (
	codeSyntax     = "WB101"
	codeRange      = "WB102"
	codeWrongField = "WB103"
	codeReversed   = "WB104"
	codeFieldCount = "WB105"
	codeMacro      = "WB107"
	codeNever      = "WB201"
)

// tags are the nicknames that every cron understands alike, in upper case.
var tags = map[string]string{
	"@YEARLY":   "0 0 1 1 *",
	"@ANNUALLY": "0 0 1 1 *",
	"@MONTHLY":  "0 0 1 * *",
	"@WEEKLY":   "0 0 * * 0",
	"@DAILY":    "0 0 * * *",
	"@HOURLY":   "0 * * * *",
}

// foreignTags are the nicknames of some crons only, and what to write instead.
var foreignTags = map[string]string{
	"@MIDNIGHT":    "write 0 0 * * * or @daily",
	"@ALWAYS":      "write * * * * *",
	"@MINUTELY":    "write * * * * *",
	"@5MINUTES":    "write */5 * * * *",
	"@10MINUTES":   "write */10 * * * *",
	"@15MINUTES":   "write */15 * * * *",
	"@30MINUTES":   "write */30 * * * *",
	"@WEEKDAYS":    "write 0 0 * * 1-5",
	"@EVERY":       "write the minutes as a step, such as */5 * * * *",
	"@EVERYSECOND": "the shortest cadence is a minute: write * * * * *",
	"@REBOOT":      "a schedule has times only; run the group by hand instead",
}

// Parse reads five fields (minute, hour, day of month, month, day of week) or one
// of the tags @yearly, @annually, @monthly, @weekly, @daily and @hourly.
//
// A field is a list of *, n, a-b, each with an optional /step; months and
// weekdays have their three-letter English names in any case; Sunday is 0 or 7.
// In the day of month, L is the last day and 15W the weekday nearest the 15th
// within its month; in the day of week, 5L is the last Friday of the month and
// 1#2 the second Monday. A ? is a * where day of month or weekday is meant not
// to matter.
//
// Both day fields restricted means either of them, unless one of them starts
// with *, see [Expr.Or]. The error is always an *Error.
func Parse(expr string) (*Expr, error) {
	e, err := parse(expr)
	if err != nil {
		return nil, err
	}
	return e, nil
}

func parse(source string) (*Expr, *Error) {
	text, err := expandTag(source)
	if err != nil {
		return nil, err
	}
	words := split(text)
	if err := checkCount(source, words); err != nil {
		return nil, err
	}
	e := &Expr{source: source, tag: text != source}
	for i := range e.fields {
		f, err := parseField(&specs[i], words[i])
		if err != nil {
			return nil, err
		}
		e.fields[i] = f
	}
	e.compile()
	if e.leapDay && !e.matchesIn(someLeapYear) {
		return nil, e.neverError()
	}
	return e, nil
}

// expandTag is the five fields a tag stands for, or text that is no tag, unchanged.
func expandTag(source string) (string, *Error) {
	words := split(source)
	if len(words) == 0 || words[0].text[0] != '@' {
		return source, nil
	}
	tag := words[0]
	name := upper(tag.text)
	fields, known := tags[name]
	if known && len(words) == 1 {
		return fields, nil
	}
	if known {
		return "", words[1].error(codeFieldCount, "something follows "+tag.text, "a tag stands alone: write "+strings.ToLower(name))
	}
	fix, foreign := foreignTags[name]
	if !foreign {
		fix = "write @yearly, @monthly, @weekly, @daily, @hourly or five fields"
	}
	return "", tag.error(codeMacro, quote(tag.text)+" is not a tag", fix)
}

// word is a piece of an expression and where it stands.
type word struct {
	text string
	at   int
}

func (w word) error(code, message, fix string) *Error {
	return &Error{Code: code, Offset: w.at, Length: len(w.text), Message: message, Fix: fix}
}

// split cuts at ASCII white space; any other space is left in, and refused later.
func split(text string) []word {
	words := make([]word, 0, 8)
	start := -1
	for i := 0; i <= len(text); i++ {
		if i < len(text) && !strings.ContainsRune(" \t\r\n\v\f", rune(text[i])) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			words = append(words, word{text[start:i], start})
			start = -1
		}
	}
	return words
}

// clock is a time of day, as it is written elsewhere.
var clock = regexp.MustCompile(`^\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*$`)

// unpadded is a number of a clock as a cron field writes it.
func unpadded(digits string) string {
	if len(digits) > 1 {
		return strings.TrimPrefix(digits, "0")
	}
	return digits
}

func checkCount(source string, words []word) *Error {
	n := len(words)
	if n == len(specs) {
		return nil
	}
	const five = "write minute, hour, day of month, month, day of week"
	if n == 0 {
		return &Error{Code: codeFieldCount, Message: "the expression is empty", Fix: five}
	}
	for _, w := range words {
		if strings.HasPrefix(w.text, "TZ=") || strings.HasPrefix(w.text, "CRON_TZ=") {
			return w.error(codeMacro, "a zone does not belong in the expression", "set it beside the expression")
		}
	}
	if n < len(specs) {
		end := words[n-1].at + len(words[n-1].text)
		fix := five + `, such as "0 6 * * *" for 06:00 every day`
		if m := clock.FindStringSubmatch(source); m != nil {
			fix = fmt.Sprintf(`write minute and hour first: "%s %s * * *" is %s:%s every day`, unpadded(m[2]), unpadded(m[1]), m[1], m[2])
		}
		return &Error{Code: codeFieldCount, Offset: end, Message: fmt.Sprintf("%s where five are needed", plural(n, "field")), Fix: fix}
	}
	extra := word{source[words[5].at:], words[5].at}
	extra.text = strings.TrimRight(extra.text, " \t\r\n\v\f")
	why := "the sixth is seconds in some crons, first or last, and a year in others"
	if n == 7 {
		why = "seconds and years are not part of a schedule"
	}
	return extra.error(codeFieldCount, fmt.Sprintf("%s where five are needed", plural(n, "field")), why+"; "+five)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
