package coverage

import (
	"cmp"
	"slices"
)

// span is a stretch of time or of ordinals, both ends included.
type span struct{ from, to int64 }

type spans []span

// merged is the spans in order, those that touch made one. It reuses s.
func (s spans) merged() spans {
	slices.SortFunc(s, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := s[:0]
	for _, x := range s {
		if n := len(out); n > 0 && x.from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, x.to)
			continue
		}
		out = append(out, x)
	}
	return out
}
