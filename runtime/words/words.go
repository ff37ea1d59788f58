// Package words is how the runtime writes lists, times and states in what people
// read: messages of runs and tasks, events, alerts, explanations.
package words

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// Gone are the required files of a list that are not there.
func Gone(missing []window.Missing) []string {
	var late []string
	for _, m := range missing {
		if !m.Optional && m.Gone() {
			late = append(late, m.Name)
		}
	}
	return late
}

// Missing are the required files of a list, with why each is not ready.
func Missing(missing []window.Missing) []string {
	var all []string
	for _, m := range missing {
		if m.Optional {
			continue
		}
		name := m.Name
		if m.Why != window.Absent {
			name += " (" + m.Why + ")"
		}
		all = append(all, name)
	}
	return all
}

// Few writes a list: the first three and how many more there are.
func Few(all []string) string {
	const shown = 3
	switch {
	case len(all) == 0:
		return "whatever is there"
	case len(all) <= shown:
		return strings.Join(all, ", ")
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(all[:shown], ", "), len(all)-shown)
	}
}

// Stamp writes an instant in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Span writes a range in UTC.
func Span(r window.Range) string { return Stamp(r.Start) + " to " + Stamp(r.End) }

// State writes a state, of a run or a task, or a fault: "succeeded with warnings".
func State(state string) string { return strings.ReplaceAll(state, "_", " ") }

// Is is the verb of n things.
func Is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Load is the command that loads what a courier of a group has gone on without,
// once it is there: the days of the files that are required, or for what has none,
// the range that it was to read. It is empty where the next run takes it whenever
// it comes.
func Load(group graph.Addr, courier string, r window.Range, missing []window.Missing) string {
	command := "waybill run " + group.Typed() + " --courier " + graph.Typed(courier)
	var first, last string
	for _, m := range missing {
		switch day := Day(m.Date); {
		case m.Optional:
		case m.File == "" && r.Empty(): // of a program or an API, that was to fetch all there is
			return command + " --all"
		case m.File == "":
			return command + " --from " + Stamp(r.Start) + " --to " + Stamp(r.End)
		case day != "" && (first == "" || day < first):
			first, last = day, max(last, day)
		default:
			last = max(last, day)
		}
	}
	switch {
	case first == "":
		return ""
	case first == last:
		return command + " --date " + first
	}
	return command + " --from " + first + " --to " + dayAfter(last)
}

// Day is the first day of the date of a file: of "2026-11-21T05" the same day, of
// "2026-11" the first of the month; of none, none.
func Day(date string) string {
	const first = "0000-01-01"
	if date == "" || len(date) > len(first) {
		return date[:min(len(date), len(first))]
	}
	return date + first[len(date):]
}

func dayAfter(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}
