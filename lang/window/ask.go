package window

import (
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Ask is a run that somebody asks for, as typed. At most one of Date, From (with
// To), All and At is set; none means the newest tick.
type Ask struct {
	Date string // a calendar day of the range zone: 2026-11-21
	From string // a date (its first instant) or RFC 3339
	To   string // exclusive; empty: one calendar day after From
	All  bool   // everything there is
	At   string // the range of this tick, RFC 3339; or the date of the only tick of a day

	// ApplyOffsets moves dates that the user named back by each courier's offset,
	// which the schedule's own ranges always are.
	ApplyOffsets bool

	// NoRange says that no courier of the group needs a range (see [NeedsRange]):
	// a group without schedule may then be run without one.
	NoRange bool
}

// conflict refuses forms that exclude each other.
func (a Ask) conflict() error {
	var given []string
	for _, f := range []struct {
		name string
		set  bool
	}{{"date", a.Date != ""}, {"from", a.From != ""}, {"all", a.All}, {"at", a.At != ""}} {
		if f.set {
			given = append(given, f.name)
		}
	}
	if len(given) > 1 {
		return &AskError{Flag: given[1], Message: fmt.Sprintf("--%s and --%s exclude each other: write one of them", given[0], given[1])}
	}
	if a.To != "" && a.From == "" {
		return &AskError{Flag: "to", Message: "--to needs --from: write where the range begins"}
	}
	if a.ApplyOffsets && a.Date == "" && a.From == "" {
		return &AskError{Flag: "apply-offsets", Message: "--apply-offsets goes with --date or --from: the range of a tick has the offsets applied, and --all has no range"}
	}
	return nil
}

// AskError says why an Ask makes no sense. Message is a sentence for the person
// who typed it; Forms are the forms of a range, set where none was given and one
// is needed.
type AskError struct {
	Flag    string // the flag at fault without dashes, "" where none was given
	Message string
	Forms   []string
}

func (e *AskError) Error() string {
	if len(e.Forms) == 0 {
		return e.Message
	}
	return e.Message + "\n  " + strings.Join(e.Forms, "\n  ")
}

// Forms are the ways to say which data an ad hoc run reads, as they are typed.
func Forms() []string {
	return []string{
		"--date 2026-11-21                     one calendar day",
		"--from 2026-11-01 --to 2026-11-08     from the first day up to, without, the second; also RFC 3339",
		"--from 2026-11-01                     one day from there",
		"--at 2026-11-21T13:00:00Z             what the scheduled run of that time reads",
		"--all                                 everything there is",
	}
}

// NeedsRange reports whether what the courier loads depends on the range of the
// run: false for one that ignores ranges, and for one whose patterns all go by
// arrival.
func NeedsRange(courier *graph.Courier) bool {
	if courier.IgnoresRange {
		return false
	}
	for _, f := range courier.Files {
		if p, err := ParsePattern(f.Pattern); err != nil || p.Unit() != None {
			return true
		}
	}
	return len(courier.Files) == 0
}
