package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// unrestYears is how far back changes of a zone's rules are looked for.
const unrestYears = 5

// oneChange is how long deviations are taken for those of one change: the years
// before and after it differ in spring and in autumn.
const oneChange = 400 * 24 * time.Hour

// restless is zones whose rules changed at short notice, or twice where the changes
// themselves show one only; the year, and what happened. An entry counts for
// unrestYears.
var restless = map[string]struct {
	year int
	what string
}{
	"Africa/Cairo":      {2023, "daylight saving came back in 2023, announced eight weeks before"},
	"America/Edmonton":  {2026, stayed},
	"America/Havana":    {2026, stayed},
	"America/Inuvik":    {2026, stayed},
	"America/Vancouver": {2026, stayed},
	"America/Winnipeg":  {2026, stayed},
	"America/Asuncion":  {2024, "daylight saving became permanent in October 2024, announced days before"},
	"Asia/Amman":        {2022, "daylight saving became permanent in October 2022, announced weeks before"},
	"Asia/Beirut":       {2023, "in March 2023 a change was put off three days before it, and the decision withdrawn four days later"},
	"Asia/Damascus":     {2022, "daylight saving became permanent in October 2022, announced weeks before"},
	"Asia/Tehran":       {2022, "daylight saving ended in 2022"},
}

const stayed = "in November 2026 the clocks were not set back, for the first time"

// followsRamadan is zones whose clocks change with Ramadan.
var followsRamadan = map[string]bool{
	"Africa/Casablanca": true, "Africa/El_Aaiun": true, "Asia/Gaza": true, "Asia/Hebron": true,
}

// unrest is the years, of the last few, in which the clocks of a zone did not do
// what they had done the year before. Things that did not happen count as much as
// things that did; all that one change of the rules entails is counted once.
func unrest(z *cron.Zone, at time.Time) []string {
	var years []string
	var last time.Time
	for _, event := range deviations(z, at) {
		if !event.After(at.AddDate(-unrestYears, 0, 0)) || event.After(at) || event.Sub(last) < oneChange {
			continue
		}
		years = append(years, fmt.Sprint(event.Year()))
		last = event
	}
	return years
}

// deviations is, year by year, the changes of a zone's clocks that the year before
// did not have, and those of the year before that did not come again, a year later.
func deviations(z *cron.Zone, at time.Time) []time.Time {
	var list []time.Time
	yearOf := func(y int) []cron.Transition {
		return z.Transitions(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(y+1, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	for y := at.Year() - unrestYears - 1; y < at.Year(); y++ {
		before, after := yearOf(y), yearOf(y+1)
		for _, t := range before {
			if !hasLike(after, t) {
				list = append(list, t.At.AddDate(1, 0, 0))
			}
		}
		for _, t := range after {
			if !hasLike(before, t) {
				list = append(list, t.At)
			}
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

func hasLike(list []cron.Transition, t cron.Transition) bool {
	for _, other := range list {
		if alike(t, other) {
			return true
		}
	}
	return false
}

// alike reports whether two changes of neighbouring years come from one rule: the
// same change, at the same time of day, on the same date or on the same weekday of
// about the same week.
func alike(a, b cron.Transition) bool {
	if a.Before != b.Before || a.After != b.After {
		return false
	}
	x, y := changedAt(a), changedAt(b)
	if x-x.Midnight() != y-y.Midnight() {
		return false
	}
	from, _, _, _, _ := x.Civil()
	to, _, _, _, _ := y.Civil()
	days := int(x.Midnight().AddMonths(12*(to-from)).Sub(y.Midnight()).Hours() / 24)
	if days < 0 {
		days = -days
	}
	return days <= 1 || days <= 7 && x.Weekday() == y.Weekday()
}

// changedAt is what the clocks show when they are changed.
func changedAt(t cron.Transition) cron.Wall {
	return cron.Wall(t.At.Unix()).Add(time.Duration(t.Before) * time.Second)
}
