package cron

// stretch is a piece of wall time that becomes instants in one way. The
// stretches of a span, in the order of their instants, are all that a policy
// means; Next, Prev, Between and Count only walk them.
type stretch struct {
	kind stretchKind
	// reason is that of the firings; of plain only.
	reason Reason
	// lo and hi bound the nominal times, in seconds of wall time: [lo, hi).
	lo, hi int64
	// off turns a nominal time into its instant: instant = wall - off.
	off int64
	// gap is how far the clock jumped just before; of pushed and merged only.
	gap int64
}

type stretchKind uint8

const (
	// plain is wall time that the clock showed: each match runs at its instant.
	plain stretchKind = iota
	// pushed is wall time that a gap swallowed: if it holds a match, the first one
	// runs at the end of the gap, unless an ordinary match does.
	pushed
	// merged is the wall time after a gap, as long as the gap: a match runs, and
	// so does one that the gap swallowed the length of the gap earlier.
	merged
)

// stretches is the pieces of span i, in buf. That they are in order and do not
// overlap needs a span longer than the fold or short gap on either side of it,
// which a test checks for every span of the database.
func (s *Schedule) stretches(i int, buf *[3]stretch) []stretch {
	spans := s.zone.spans
	sp := &spans[i]
	lo, hi := sp.start+sp.off, sp.end+sp.off
	list := buf[:0]
	if i > 0 {
		jump := sp.off - spans[i-1].off
		switch {
		case jump < 0 && s.fixed && s.policy.Fold == First:
			lo -= jump
		case jump < 0:
			list = append(list, stretch{reason: OverlapSecond, lo: lo, hi: lo - jump, off: sp.off})
			lo -= jump
		case !s.fixed || jump > LongGap || s.policy.Gap == SkipGap:
		case s.policy.Gap == NextValid:
			list = append(list, stretch{kind: pushed, lo: lo - jump, hi: lo, off: sp.off, gap: jump})
		default:
			list = append(list, stretch{kind: merged, lo: lo, hi: lo + jump, off: sp.off, gap: jump})
			lo += jump
		}
	}
	if i+1 == len(spans) || spans[i+1].off > sp.off {
		return append(list, stretch{reason: Normal, lo: lo, hi: hi, off: sp.off})
	}
	fold := hi + spans[i+1].off - sp.off
	list = append(list, stretch{reason: Normal, lo: lo, hi: fold, off: sp.off})
	if s.fixed && s.policy.Fold == Second {
		return list
	}
	return append(list, stretch{reason: OverlapFirst, lo: fold, hi: hi, off: sp.off})
}
