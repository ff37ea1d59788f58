package plan

import (
	"strconv"
	"time"
)

// ZoneText is the short name of the zone that a time is in, such as "PST". A zone
// without one has its distance from UTC: "UTC+0530".
func ZoneText(t time.Time) string {
	name, _ := t.Zone()
	if name != "" && (name[0] == '+' || name[0] == '-') {
		return "UTC" + name
	}
	return name
}

// oneOr chooses between the words for one and for many.
func oneOr(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Number writes a number with commas between thousands.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
