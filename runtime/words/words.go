// Package words is how the runtime writes lists, times and states in what people
// read: messages of runs and tasks, events, alerts, explanations.
package words

import (
	"fmt"
	"strings"
	"time"

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
