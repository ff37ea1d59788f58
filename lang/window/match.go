package window

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/cron"
)

// Match reads the date in a path, relative to the source's URL. Every occurrence
// of a token must have the same digits, and together they must be a real date:
// where wildcards leave a choice, the leftmost reading that is one counts. The
// Wall is the beginning of the date's unit, 0 for an undated pattern.
func (p *Pattern) Match(path string) (cron.Wall, bool) {
	m := matcher{pattern: p, path: path}
	if p.stars > 1 {
		m.failed = map[state]bool{}
	}
	return m.match(state{})
}

// matcher tries the pieces of a pattern against a path from left to right. With
// several stars it remembers from which states no match follows, so that it stays
// polynomial whatever the path: listings come from servers that others fill.
type matcher struct {
	pattern *Pattern
	path    string
	failed  map[state]bool
}

// state is how far both are matched, with the digits that tokens were bound to.
type state struct {
	piece, at int
	bound     fields
}

// fields are the values of tokens by unit. A set of units tells which are bound,
// since hour 0 is a value.
type fields struct {
	set   unitSet
	value [Hour + 1]int16
}

type unitSet uint8

func (s unitSet) has(u Unit) bool { return s>>u&1 != 0 }

const dateUnits unitSet = 1<<Year | 1<<Month | 1<<Day

func (m *matcher) match(s state) (cron.Wall, bool) {
	if s.piece == len(m.pattern.pieces) {
		return s.bound.wall(), s.at == len(m.path)
	}
	key := s
	if m.failed != nil {
		key.bound = s.bound.only(m.pattern.carry[s.piece])
		if m.failed[key] {
			return 0, false
		}
	}
	w, ok := m.try(s)
	if !ok && m.failed != nil {
		m.failed[key] = true
	}
	return w, ok
}

func (m *matcher) try(s state) (cron.Wall, bool) {
	x, rest := m.pattern.pieces[s.piece], m.path[s.at:]
	switch {
	case x.wild == '*':
		return m.star(s)
	case x.wild == '?':
		if rest == "" || rest[0] == '/' {
			return 0, false
		}
		_, n := utf8.DecodeRuneInString(rest)
		return m.match(state{s.piece + 1, s.at + n, s.bound})
	case x.unit != None:
		bound, n, ok := s.bound.bind(x.unit, rest)
		if !ok {
			return 0, false
		}
		return m.match(state{s.piece + 1, s.at + n, bound})
	default:
		if !strings.HasPrefix(rest, x.literal) {
			return 0, false
		}
		return m.match(state{s.piece + 1, s.at + len(x.literal), s.bound})
	}
}

// star tries the shortest text first.
func (m *matcher) star(s state) (cron.Wall, bool) {
	for at := s.at; ; {
		if w, ok := m.match(state{s.piece + 1, at, s.bound}); ok {
			return w, true
		}
		if at == len(m.path) || m.path[at] == '/' {
			return 0, false
		}
		_, n := utf8.DecodeRuneInString(m.path[at:])
		at += n
	}
}

// bind reads the digits of a token, which must agree with what it was bound to
// and be possible in a date.
func (f fields) bind(u Unit, text string) (fields, int, bool) {
	n := tokenWidth[u]
	if len(text) < n {
		return f, 0, false
	}
	value := int16(0)
	for i := range n {
		if text[i] < '0' || text[i] > '9' {
			return f, 0, false
		}
		value = value*10 + int16(text[i]-'0')
	}
	if f.set.has(u) {
		return f, n, f.value[u] == value
	}
	f.set |= 1 << u
	f.value[u] = value
	return f, n, f.possible()
}

// possible refuses a month 13, an hour 24, and, once year, month and day are all
// known, a 30 February.
func (f fields) possible() bool {
	month, day, hour := f.value[Month], f.value[Day], f.value[Hour]
	if f.set.has(Month) && (month < 1 || month > 12) || f.set.has(Day) && (day < 1 || day > 31) || hour > 23 {
		return false
	}
	if f.set&dateUnits != dateUnits {
		return true
	}
	_, m, _, _, _ := cron.WallOf(int(f.value[Year]), 1, 1, 0, 0).AddMonths(int(month) - 1).AddDays(int(day) - 1).Civil()
	return int16(m) == month
}

// only forgets the values of all other units.
func (f fields) only(keep unitSet) fields {
	out := fields{set: f.set & keep}
	for s := out.set; s != 0; s &= s - 1 {
		u := bits.TrailingZeros8(uint8(s))
		out.value[u] = f.value[u]
	}
	return out
}

// wall is the beginning of the unit, where larger units are all bound.
func (f fields) wall() cron.Wall {
	if f.set == 0 {
		return 0
	}
	w := cron.WallOf(int(f.value[Year]), 1, 1, 0, 0)
	return w.AddMonths(max(int(f.value[Month]), 1)-1).AddDays(max(int(f.value[Day]), 1)-1) + cron.Wall(f.value[Hour])*3600
}

// carried tells, for each piece, which values matter from there on: those of
// tokens that occur again, and those of the date until it is complete.
func carried(pieces []piece) []unitSet {
	sets := make([]unitSet, len(pieces))
	var after unitSet
	for i := len(pieces) - 1; i >= 0; i-- {
		after |= 1 << pieces[i].unit &^ 1
		sets[i] = after
		if after&dateUnits != 0 {
			sets[i] |= dateUnits
		}
	}
	return sets
}
