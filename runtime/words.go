package runtime

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
)

func absent(missing []window.Missing) []string {
	var late []string
	for _, m := range missing {
		if !m.Optional && m.Gone() {
			late = append(late, m.Name)
		}
	}
	return late
}

// names are the files of a list with why each is not ready.
func names(missing []window.Missing) []string {
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

// few writes a list for people: the first three and how many more there are.
func few(all []string) string {
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

// count writes "1 file", "3 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// stamp writes an instant for people.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span writes a range for people.
func span(r window.Range) string { return stamp(r.Start) + " to " + stamp(r.End) }

// is is the verb of n things.
func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
