package cron

// Gap says what becomes of a fixed-time run whose wall time the clock jumps over.
type Gap string

const (
	// NextValid runs once, at the first instant after the gap, however many
	// nominal times the gap swallowed. It is the default.
	NextValid Gap = "next_valid"
	// Shift runs every missed nominal time later by the length of the gap.
	Shift Gap = "shift"
	// SkipGap does not run what the gap swallowed.
	SkipGap Gap = "skip"
)

// Fold says on which pass a fixed-time run happens whose wall time occurs twice.
type Fold string

const (
	// First runs on the first pass only. It is the default.
	First Fold = "first"
	// Second runs on the second pass only.
	Second Fold = "second"
	// Both runs on both passes.
	Both Fold = "both"
)

// Class says whether a schedule means times of day or a cadence.
type Class string

const (
	// Auto decides by Vixie cron's rule, see [Expr.Interval]. It is the default.
	Auto Class = "auto"
	// Fixed means times of day: once per nominal time, as gap and fold say.
	Fixed Class = "fixed"
	// IntervalClass means a cadence: every minute that exists and matches,
	// each time it occurs. Gap and fold do not touch it.
	IntervalClass Class = "interval"
)

// Policy is what a schedule does where the clock is changed. Its zero value, and
// every empty field, means the defaults: next_valid, first, auto.
type Policy struct {
	Gap   Gap   `json:"gap,omitempty"`
	Fold  Fold  `json:"fold,omitempty"`
	Class Class `json:"class,omitempty"`
}

// WithDefaults is p with its empty fields filled in.
func (p Policy) WithDefaults() Policy {
	if p.Gap == "" {
		p.Gap = NextValid
	}
	if p.Fold == "" {
		p.Fold = First
	}
	if p.Class == "" {
		p.Class = Auto
	}
	return p
}

// Valid reports whether every field is empty or one of the constants.
func (p Policy) Valid() bool {
	p = p.WithDefaults()
	gap := p.Gap == NextValid || p.Gap == Shift || p.Gap == SkipGap
	fold := p.Fold == First || p.Fold == Second || p.Fold == Both
	return gap && fold && (p.Class == Auto || p.Class == Fixed || p.Class == IntervalClass)
}

// LongGap is the length in seconds above which a gap is not daylight saving but
// a change of the calendar, such as Samoa's lost 30 December 2011: what it
// swallows is skipped whatever the policy says. Vixie cron draws the same line.
const LongGap = 3 * hourSeconds
