package graph

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is elapsed time, written as in the language: "1w2d3h4m5s", units in
// descending order, "0s" for none. It has whole seconds.
type Duration time.Duration

var units = []struct {
	letter byte
	length time.Duration
}{
	{'w', 7 * 24 * time.Hour}, {'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second},
}

// MaxDuration bounds what may be written: ten years.
const MaxDuration = Duration(3660 * 24 * time.Hour)

// ParseDuration reads "36h", "1w2d", "0s". The error says what is wrong in
// words for the person who wrote it.
func ParseDuration(s string) (Duration, error) {
	rest, total, next := s, time.Duration(0), 0
	if s == "" {
		return 0, fmt.Errorf("it is empty; write for example \"30m\"")
	}
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 {
			return 0, fmt.Errorf("a number is missing before %q; write for example \"1h30m\"", rest)
		}
		if digits == len(rest) {
			return 0, fmt.Errorf("%q has no unit; use w, d, h, m or s, as in \"30m\"", rest)
		}
		unit := rest[digits]
		if word := strings.TrimLeft(rest[digits:], " "); word != rest[digits:] || len(word) > 1 && isLetter(word[1]) {
			return 0, wordError(rest[:digits], word)
		}
		i := next
		for i < len(units) && units[i].letter != unit {
			i++
		}
		if i == len(units) {
			return 0, unitError(unit)
		}
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || n > int64((time.Duration(MaxDuration)-total)/units[i].length) { // before it is multiplied, which may overflow
			return 0, fmt.Errorf("it is longer than ten years")
		}
		total += time.Duration(n) * units[i].length
		next, rest = i+1, rest[digits+1:]
	}
	return Duration(total), nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// wordError says how a unit is written that is more than one letter.
func wordError(number, word string) error {
	end := 0
	for end < len(word) && isLetter(word[end]) {
		end++
	}
	word = strings.ToLower(word[:end])
	for _, u := range units {
		if strings.HasPrefix(word, string(u.letter)) && !strings.HasPrefix(word, "mo") {
			return fmt.Errorf("a unit is one letter behind its number; write \"%s%c\"", number, u.letter)
		}
	}
	return fmt.Errorf("%q is not a unit; use w, d, h, m or s, as in \"30m\"", word)
}

func unitError(unit byte) error {
	for _, u := range units {
		if u.letter == unit {
			return fmt.Errorf("the unit %q comes too late; units go from large to small, each once: w, d, h, m, s", unit)
		}
	}
	switch small := unit | 0x20; {
	case unit == '.' || unit == ',':
		return fmt.Errorf("its numbers are whole; write for example \"1h30m\"")
	case small != unit && isLetter(unit) && strings.ContainsRune("wdhms", rune(small)):
		return fmt.Errorf("units are small letters; write %c", small)
	}
	return fmt.Errorf("%q is not a unit; use w, d, h, m or s", unit)
}

// Std returns the duration as the standard library's type.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the duration as ParseDuration reads it, without weeks: "8d".
func (d Duration) String() string {
	rest := time.Duration(d)
	if rest < time.Second {
		return "0s"
	}
	var b strings.Builder
	for _, u := range units[1:] {
		if n := rest / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.letter)
			rest -= n * u.length
		}
	}
	return b.String()
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("duration %q: %w", text, err)
	}
	*d = v
	return nil
}

// Offset moves both ends of a data range back. Months, weeks and days are
// calendar units in the range zone; Elapsed is subtracted after them.
type Offset struct {
	Months  int      `json:"months,omitempty"`
	Weeks   int      `json:"weeks,omitempty"`
	Days    int      `json:"days,omitempty"`
	Elapsed Duration `json:"elapsed,omitempty"`
}

// IsZero reports whether the offset moves nothing.
func (o Offset) IsZero() bool { return o == Offset{} }

// String writes the offset in words: "1 month 2 days 13h", "0s" for none.
func (o Offset) String() string {
	var parts []string
	for _, u := range []struct {
		n    int
		name string
	}{{o.Months, "month"}, {o.Weeks, "week"}, {o.Days, "day"}} {
		switch {
		case u.n == 1:
			parts = append(parts, "1 "+u.name)
		case u.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", u.n, u.name))
		}
	}
	if o.Elapsed > 0 || len(parts) == 0 {
		parts = append(parts, o.Elapsed.String())
	}
	return strings.Join(parts, " ")
}
