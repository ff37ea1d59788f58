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

// PatienceError is of a server that asks to be left alone for a while.
type PatienceError struct {
	Pause time.Duration // at least a second
	Err   error         // of the answer
}

func (e *PatienceError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the answer.
func (e *PatienceError) Unwrap() error { return e.Err }

// Patience is how long the server of an answer with a status asks to be left
// alone, at least a second. asked is false for an answer that asks for nothing of
// the kind: only 429 does, 503 with such a header, and 403 with Retry-After, or with
// a RateLimit-Remaining of 0 and a time. A pause of 0 says that a 429 names no time.
//
// Retry-After counts first, then RateLimit-Reset and X-RateLimit-Reset. A date is
// read by the server's own clock, which may be wrong: only how far it lies from the
// date of the answer counts.
func Patience(status int, h http.Header, now time.Time) (pause time.Duration, asked bool) {
	pause, named := patience(h, now)
	switch status {
	case http.StatusTooManyRequests:
		return pause, true
	case http.StatusServiceUnavailable:
		return pause, named
	case http.StatusForbidden: // by some the answer to one who asks too often, too
		return pause, named && (h.Get("Retry-After") != "" || usedUp(h))
	}
	return pause, false
}

// usedUp reports an answer that says that no further request is allowed for now.
func usedUp(h http.Header) bool {
	return h.Get("RateLimit-Remaining") == "0" || h.Get("X-RateLimit-Remaining") == "0"
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
