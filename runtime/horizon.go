package runtime

import (
	"sync"
	"time"
)

// horizon is the instant up to which nothing falls due, for all that is known, so
// that the store is not asked in vain. Nothing else may make something due
// earlier but what lowers it: the holder, by what it writes itself. What other
// processes write is found within Options.Poll, since no horizon is farther away.
type horizon struct {
	mu   sync.Mutex
	at   time.Time
	gone bool // nobody knows, or something is due that had to be passed over
}

// reached reports whether the store is to be asked now what is due. Who asks then
// lowers the horizon to what is due next; what is written meanwhile does, too.
func (h *horizon) reached(now time.Time, poll time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.gone && now.Before(h.at) {
		return false
	}
	h.at, h.gone = now.Add(poll), false
	return true
}

// lower notes that something falls due at an instant, zero for none, and reports
// whether it was not known that anything is so early.
func (h *horizon) lower(at time.Time) (earlier bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at.IsZero() || !at.Before(h.at) {
		return false
	}
	h.at = at
	return true
}

// forget has the store asked next time, whenever that is.
func (h *horizon) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
}

// next is when something falls due, or the store is asked whether it does.
func (h *horizon) next() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}
