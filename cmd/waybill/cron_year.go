package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// yearMonths is how many months the strip of a year has.
const yearMonths = 12

// yearStrip is how often a schedule runs on each date of twelve months.
type yearStrip struct {
	first cron.Wall            // midnight of the first date
	runs  map[cron.Wall]int    // by midnight of the date
	marks map[cron.Wall]string // of the dates on which clocks change
}

// newYearStrip counts the runs of the twelve months that begin with the one of
// from, by the date on which they happen.
func newYearStrip(s *cron.Schedule, from time.Time) yearStrip {
	z := s.Zone()
	year, month, _, _, _ := z.Wall(from).Civil()
	y := yearStrip{first: cron.WallOf(year, month, 1, 0, 0), runs: make(map[cron.Wall]int), marks: make(map[cron.Wall]string)}
	// A day more at either end, so that no change of the clock can matter there.
	begins, _ := z.Instant(y.first.AddDays(-1), cron.NextValid, cron.First)
	ends, _ := z.Instant(y.first.AddMonths(yearMonths).AddDays(1), cron.NextValid, cron.First)
	for f := range s.Between(begins, ends) {
		y.runs[z.Wall(f.Instant).Midnight()]++
	}
	for _, t := range z.Transitions(begins, ends) {
		for date, end := affected(t); date < end; date = date.AddDays(1) {
			date = date.Midnight()
			y.marks[date] = markChange
		}
	}
	for h := range s.Hazards(begins, ends) {
		y.marks[h.Nominal.Midnight()] = markTouched
	}
	return y
}

// printYear draws the strip: a line for each month, two columns for each date.
func (p *program) printYear(s *cron.Schedule, from time.Time) error {
	w := p.stdout
	strip := newYearStrip(s, from)
	fmt.Fprintf(w, "Runs by local date:\n\n%s\n", strip.head())
	seen := make(map[string]bool)
	for i := range yearMonths {
		first := strip.first.AddMonths(i)
		var line strings.Builder
		line.WriteString(first.Date()[:len("2006-01")] + " ")
		total := 0
		for day := range 31 {
			date := first.AddDays(day)
			if date >= first.AddMonths(1) {
				line.WriteString("  ")
				continue
			}
			total += strip.runs[date]
			sign, mark := runSign(strip.runs[date]), strip.marks[date]
			switch {
			case mark != "":
				seen[mark] = true
				line.WriteString(p.paint(w, yellow, sign+mark))
			case sign == signNone:
				line.WriteString(p.paint(w, faint, sign) + " ")
			default:
				line.WriteString(sign + " ")
			}
		}
		fmt.Fprintf(w, "%s%7d\n", line.String(), total)
	}
	legend := signNone + " none   1-9 runs   + ten or more"
	if len(seen) > 0 {
		legend += "   " + p.paint(w, yellow, markChange) + " clocks change"
	}
	if seen[markTouched] {
		legend += "   " + p.paint(w, yellow, markTouched) + " and touch a run"
	}
	_, err := fmt.Fprintf(w, "\n%s%s\n", strings.Repeat(" ", len("2006-01 ")), legend)
	return err
}

// head is the line above the strip: some days of the month above their columns.
func (y yearStrip) head() string {
	line := []byte(strings.Repeat(" ", len("2006-01 ")+2*31) + "   RUNS")
	for _, day := range []int{1, 5, 10, 15, 20, 25, 30} {
		copy(line[len("2006-01 ")+2*(day-1):], strconv.Itoa(day))
	}
	return string(line)
}

// signNone is a date without a run.
const signNone = "·"

// runSign is the number of runs of a date in one column.
func runSign(n int) string {
	switch {
	case n == 0:
		return signNone
	case n < 10:
		return strconv.Itoa(n)
	}
	return "+"
}
