package cron

// Schedule is an expression in a zone under a policy. It is immutable and safe
// for concurrent use.
//
// It answers for the years 1 to 9999, and by the zone's rules as far as they
// reach, see [Zone].
type Schedule struct {
	expr   *Expr
	zone   *Zone
	policy Policy
	fixed  bool
}

const (
	// minInstant and maxInstant are the first and the last second of the years
	// 1 to 9999 in UTC, the times that RFC 3339 can write.
	minInstant = -62135596800
	maxInstant = 253402300799
)

// New is the schedule of an expression in a zone under a policy, whose empty
// fields mean the defaults. It panics on an unknown policy word, which is the
// caller's to check by [Policy.Valid].
func New(e *Expr, z *Zone, p Policy) *Schedule {
	if !p.Valid() {
		panic("cron: unknown policy " + string(p.Gap) + "/" + string(p.Fold) + "/" + string(p.Class))
	}
	p = p.WithDefaults()
	fixed := p.Class == Fixed || p.Class == Auto && !e.Interval()
	return &Schedule{expr: e, zone: z, policy: p, fixed: fixed}
}

// Expr is the expression.
func (s *Schedule) Expr() *Expr { return s.expr }

// Zone is the zone.
func (s *Schedule) Zone() *Zone { return s.zone }

// Policy is the policy, with the defaults filled in.
func (s *Schedule) Policy() Policy { return s.policy }

// Fixed is the class that applies: whether the schedule names times of day,
// which gap and fold are about, rather than a cadence.
func (s *Schedule) Fixed() bool { return s.fixed }
