package window

import "time"

// Range is a stretch of data time: Start belongs to it and End does not.
type Range struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Empty reports whether no instant lies in the range.
func (r Range) Empty() bool { return !r.Start.Before(r.End) }

// Contains reports whether t lies in the range.
func (r Range) Contains(t time.Time) bool { return !t.Before(r.Start) && t.Before(r.End) }

// Length is the time that passes between the ends, 0 for an empty range. The day
// on which clocks go forward is 23 hours long.
func (r Range) Length() time.Duration { return max(r.End.Sub(r.Start), 0) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
