package cron_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// naive is an expression as the oracles see it: written and understood without
// the parser, the masks or the search of the package. Random ones are built as a
// text and its meaning side by side.
type naive struct {
	text                             string
	minute, hour, day, month, weekdy [60]bool
	dayStar, weekdayStar             bool
	places                           []place
}

// place is a day named by its place in the month.
type place struct {
	form byte // L last day, W nearest weekday, l last weekday of its kind, # n-th
	n, k int
}

var (
	monthWords   = []string{"", "jan", "FEB", "Mar", "APR", "may", "JUN", "JUL", "aug", "SEP", "OCT", "Nov", "DEC"}
	weekdayWords = []string{"SUN", "mon", "TUE", "Wed", "THU", "FRI", "sat"}
)

// civil is a civil minute, its fields as package time reads them.
type civil struct {
	year, month, day, hour, minute int
	weekday                        time.Weekday
}

func civilOf(t time.Time) (c civil) {
	year, month, day := t.Date()
	hour, minute, _ := t.Clock()
	return civil{year, int(month), day, hour, minute, t.Weekday()}
}

// on is a day of the month of c.
func (c civil) on(day int) time.Time {
	return time.Date(c.year, time.Month(c.month), day, 0, 0, 0, 0, time.UTC)
}

// length is the last day of the month of c.
func (c civil) length() int {
	return time.Date(c.year, time.Month(c.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// matches is Vixie cron's reading of a civil minute.
func (x *naive) matches(c civil) bool {
	return x.minute[c.minute] && x.hour[c.hour] && x.matchesDate(c)
}

func (x *naive) matchesDate(c civil) bool {
	if !x.month[c.month] {
		return false
	}
	day, weekday := x.day[c.day], x.weekdy[c.weekday]
	for _, p := range x.places {
		switch p.form {
		case 'L':
			day = day || c.day == c.length()
		case 'W':
			day = day || p.n <= c.length() && c.day == nearest(c, p.n)
		case 'l':
			weekday = weekday || int(c.weekday) == p.n && c.day+7 > c.length()
		case '#':
			weekday = weekday || int(c.weekday) == p.n && (c.day+6)/7 == p.k
		}
	}
	if x.dayStar || x.weekdayStar {
		return day && weekday
	}
	return day || weekday
}

// nearest tries the days around n in the order of their distance.
func nearest(c civil, n int) int {
	for _, d := range []int{n, n - 1, n + 1, n - 2, n + 2} {
		if d < 1 || d > c.length() {
			continue
		}
		switch c.on(d).Weekday() {
		case time.Saturday, time.Sunday:
		default:
			return d
		}
	}
	return 0
}

// randomExpr is a random expression, a little more often than not with simple
// fields; near, if not nil, is a wall time it should have a chance to hit.
func randomExpr(r *rand.Rand, near *civil) *naive {
	x := &naive{}
	aim := [5]int{-1, -1, -1, -1, -1}
	if near != nil {
		aim = [5]int{near.minute, near.hour, near.day, near.month, int(near.weekday)}
	}
	fields := make([]string, 5)
	fields[0], _ = randomField(r, 0, 59, 59, nil, aim[0], &x.minute)
	fields[1], _ = randomField(r, 0, 23, 23, nil, aim[1], &x.hour)
	fields[2], x.dayStar = randomField(r, 1, 31, 31, nil, aim[2], &x.day)
	fields[3], _ = randomField(r, 1, 12, 12, monthWords, aim[3], &x.month)
	fields[4], x.weekdayStar = randomField(r, 0, 7, 6, weekdayWords, aim[4], &x.weekdy)
	x.weekdy[0] = x.weekdy[0] || x.weekdy[7]
	if r.IntN(8) == 0 {
		p, text := randomDayPlace(r)
		fields[2], x.places = joinPlace(r, fields[2], text, x.dayStar, &x.day), append(x.places, p)
		x.dayStar = false
	}
	if r.IntN(8) == 0 {
		p, text := randomWeekdayPlace(r)
		fields[4], x.places = joinPlace(r, fields[4], text, x.weekdayStar, &x.weekdy), append(x.places, p)
		x.weekdayStar = false
	}
	x.text = strings.Join(fields, " ")
	return x
}

// joinPlace puts a place into the field, alone or behind its list.
func joinPlace(r *rand.Rand, field, text string, star bool, set *[60]bool) string {
	if star || r.IntN(2) == 0 {
		*set = [60]bool{}
		return text
	}
	return field + "," + text
}

func randomDayPlace(r *rand.Rand) (place, string) {
	if r.IntN(2) == 0 {
		return place{form: 'L'}, "L"
	}
	n := 1 + r.IntN(31)
	return place{form: 'W', n: n}, fmt.Sprintf("%dW", n)
}

func randomWeekdayPlace(r *rand.Rand) (place, string) {
	n, k := r.IntN(7), 1+r.IntN(5)
	if r.IntN(2) == 0 {
		return place{form: 'l', n: n}, fmt.Sprintf("%dL", n)
	}
	return place{form: '#', n: n, k: k}, fmt.Sprintf("%s#%d", weekdayWords[n], k)
}

func randomField(r *rand.Rand, lo, hi, top int, words []string, aim int, set *[60]bool) (text string, star bool) {
	fill := func(from, to, step int) {
		for v := from; v <= to; v += step {
			set[v] = true
		}
	}
	switch r.IntN(10) {
	case 0, 1, 2:
		fill(lo, top, 1)
		return "*", true
	case 3:
		step := 1 + r.IntN(top-lo+2)
		fill(lo, top, step)
		return fmt.Sprintf("*/%d", step), true
	}
	if aim >= 0 && r.IntN(2) == 0 {
		set[aim] = true
		return fmt.Sprint(aim), false
	}
	var items []string
	for range 1 + r.IntN(3) {
		a := lo + r.IntN(hi-lo+1)
		b := a + r.IntN(hi-a+1)
		step := 1 + r.IntN(7)
		switch r.IntN(5) {
		case 0, 1:
			set[a] = true
			if words != nil && a < len(words) && r.IntN(2) == 0 {
				items = append(items, words[a])
				continue
			}
			items = append(items, fmt.Sprint(a))
		case 2:
			fill(a, b, 1)
			items = append(items, fmt.Sprintf("%d-%d", a, b))
		case 3:
			fill(a, b, step)
			items = append(items, fmt.Sprintf("%d-%d/%d", a, b, step))
		case 4:
			if hi == 7 && a == 7 {
				a = 0
			}
			fill(a, top, step)
			items = append(items, fmt.Sprintf("%d/%d", a, step))
		}
	}
	return strings.Join(items, ","), false
}
