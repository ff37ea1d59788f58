package graph

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written as in the language: "500B", "1kB", "4MiB".
type Size int64

var sizes = []struct {
	unit  string
	bytes int64
}{
	{"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
}

// ParseSize reads a whole number with its unit, "1kB". The error says what is
// wrong in words for the person who wrote it.
func ParseSize(s string) (Size, error) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	number, unit := s[:digits], s[digits:]
	switch {
	case s == "":
		return 0, fmt.Errorf("it is empty; write for example \"20MB\"")
	case digits == 0:
		return 0, fmt.Errorf("it does not start with a number; write for example \"20MB\"")
	case unit == "":
		return 0, fmt.Errorf("it has no unit; write %q for bytes, or use kB, MB, GB, TB, KiB, MiB, GiB, TiB", s+"B")
	case unit[0] == '.' || unit[0] == ',':
		return 0, fmt.Errorf("it is not a whole number; use a smaller unit, such as \"1500kB\" for one and a half MB")
	}
	for _, u := range sizes {
		if u.unit != unit {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n > math.MaxInt64/u.bytes {
			return 0, fmt.Errorf("it is larger than any file")
		}
		return Size(n * u.bytes), nil
	}
	for _, u := range sizes {
		if meant := strings.TrimSpace(unit); strings.EqualFold(u.unit, meant) || strings.EqualFold(u.unit[:1], meant) && len(u.unit) == 2 {
			return 0, fmt.Errorf("write the unit so: %q", number+u.unit)
		}
	}
	if whole, isRate := strings.CutSuffix(s, "/s"); isRate {
		if _, err := ParseSize(whole); err == nil {
			return 0, fmt.Errorf("a rate is a size too, of each second; write %q", whole)
		}
	}
	return 0, fmt.Errorf("%q is not a unit; use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", strings.TrimSpace(unit))
}

// String writes the size as ParseSize reads it, with the unit that gives the
// smallest whole number.
func (s Size) String() string {
	best := sizes[0]
	for _, u := range sizes {
		if u.bytes > best.bytes && int64(s)%u.bytes == 0 && s != 0 {
			best = u
		}
	}
	return strconv.FormatInt(int64(s)/best.bytes, 10) + best.unit
}

// MarshalText implements encoding.TextMarshaler.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := ParseSize(string(text))
	if err != nil {
		return fmt.Errorf("size %q: %w", text, err)
	}
	*s = v
	return nil
}
