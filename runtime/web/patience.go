package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	leastPatience = time.Second
	mostSeconds   = 9e9 // that a time.Duration holds
)

// Patience is how long the server of an answer with a status asks to be left
// alone, at least a second. asked is false for an answer that asks for nothing of
// the kind: only 429, and 503 with such a header, do. A pause of 0 says that a 429
// names no time.
//
// Retry-After counts first, then RateLimit-Reset and X-RateLimit-Reset. A date is
// read by the server's own clock, which may be wrong: only how far it lies from the
// date of the answer counts.
func Patience(status int, h http.Header, now time.Time) (pause time.Duration, asked bool) {
	pause, named := patience(h, now)
	return pause, status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && named
}

func patience(h http.Header, now time.Time) (time.Duration, bool) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		now = at
	}
	text := strings.TrimSpace(h.Get("Retry-After"))
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), leastPatience), true
	}
	for _, text := range []string{text, h.Get("RateLimit-Reset"), h.Get("X-RateLimit-Reset")} {
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		switch {
		case err != nil || n < 0 || n != n:
			continue
		case n >= 5e11: // an instant, in milliseconds since 1970
			n = n/1000 - float64(now.Unix())
		case n >= 5e8: // in seconds
			n -= float64(now.Unix())
		}
		return max(time.Duration(min(n, mostSeconds)*float64(time.Second)), leastPatience), true
	}
	return 0, false
}
