package alert

import (
	"fmt"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Phase is where a message stands in its incident.
type Phase string

// The phases of an incident. Told is of a message without one: a run that
// succeeded or was stopped. Test is of a message that somebody sent to try out
// an alert.
const (
	Opened  Phase = "opened"
	Updated Phase = "updated"
	Closed  Phase = "closed"
	Told    Phase = "told"
	Test    Phase = "test"
)

// Message is what an alert says. Its JSON form is stored, and is the payload of
// a webhook. Nothing in it is secret.
type Message struct {
	Incident string     `json:"incident,omitempty"` // the same in each message about it
	Phase    Phase      `json:"phase"`
	Event    string     `json:"event"` // a word of `on`
	Group    graph.Addr `json:"group,omitempty"`
	Run      string     `json:"run,omitempty"`
	Task     string     `json:"task,omitempty"`
	Title    string     `json:"title"`
	Text     string     `json:"text"`
	Since    time.Time  `json:"since,omitzero"`
	At       time.Time  `json:"at"`
	Zone     string     `json:"zone,omitempty"` // in which times are shown
	Runs     int        `json:"runs,omitempty"` // that met it
	Names    []string   `json:"names,omitempty"`
	More     int        `json:"more,omitempty"` // names that are left out
	When     string     `json:"when,omitempty"` // when the command helps
	Command  string     `json:"command,omitempty"`
	Log      []Line     `json:"log,omitempty"` // what happened meanwhile, of a message that stands for several
}

// Line is one of several things that happened.
type Line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// maxLog bounds the lines of a message that stands for several.
const maxLog = 20

// Digest makes one message of those about an incident that were held back, the
// oldest first: the newest, with what happened before it.
func Digest(all []Message) Message {
	last := all[len(all)-1]
	if len(all) == 1 {
		return last
	}
	first := all[0]
	for _, m := range all {
		last.Log = append(last.Log, Line{At: m.At, Text: m.headline()})
	}
	if cut := len(last.Log) - maxLog; cut > 0 {
		last.Log = append(last.Log[:1:1], last.Log[cut+1:]...)
	}
	if first.Phase == Opened && last.Phase == Closed {
		last.Text = first.Text + " That is over: " + lower(last.Text)
	}
	if first.Phase == Opened && last.Phase == Updated {
		last.Phase = Opened // nobody has heard of it
	}
	return last
}

// lower goes on in a sentence with a text that began one.
func lower(text string) string {
	if rest, ok := strings.CutPrefix(text, "The "); ok {
		return "the " + rest
	}
	return text
}

// headline is the message in one line.
func (m Message) headline() string {
	switch m.Phase {
	case Updated:
		return "Still: " + m.Title
	case Closed:
		return "Over: " + m.Title
	case Test:
		return "Test: " + m.Title
	default:
		return m.Title
	}
}

// facts are the details of a message, as pairs of a name and a text.
func (m Message) facts() [][2]string {
	var all [][2]string
	add := func(name, text string) {
		if text != "" {
			all = append(all, [2]string{name, text})
		}
	}
	if !m.Since.IsZero() {
		add("Since", m.time(m.Since))
	}
	if m.Phase == Closed {
		add("Ended", m.time(m.At))
	} else {
		add("Time", m.time(m.At))
	}
	if m.Runs > 1 {
		add("Runs", fmt.Sprintf("%d have met it", m.Runs))
	}
	add("Run", graph.ShortRun(m.Run))
	add("Incident", m.Incident)
	return all
}

// advice is the command that helps, with when it does.
func (m Message) advice() string {
	if m.When == "" || m.Command == "" {
		return m.When
	}
	return m.When + ":"
}

// list are the names of the message with how many more there are.
func (m Message) list() []string {
	if m.More == 0 {
		return m.Names
	}
	return append(m.Names[:len(m.Names):len(m.Names)], fmt.Sprintf("… and %d more", m.More))
}

// time writes an instant on the clocks of the message's zone.
func (m Message) time(t time.Time) string {
	zone, err := cron.LoadZone(m.Zone)
	if err != nil || m.Zone == "" || m.Zone == "UTC" {
		return t.UTC().Format("2006-01-02 15:04 UTC")
	}
	return t.In(zone.Location()).Format("2006-01-02 15:04 ") + m.Zone
}

// plain is the message as text: what an email says, and what a Slack client
// shows that knows no blocks.
func (m Message) plain() string {
	var b strings.Builder
	b.WriteString(m.headline() + "\n\n" + m.Text + "\n")
	for _, name := range m.list() {
		b.WriteString("  " + name + "\n")
	}
	if advice := m.advice(); advice != "" {
		b.WriteString("\n" + advice + "\n")
	}
	if m.Command != "" {
		b.WriteString("  " + m.Command + "\n")
	}
	if len(m.Log) > 0 {
		b.WriteString("\nWhat happened:\n")
		for _, l := range m.Log {
			b.WriteString("  " + m.time(l.At) + "  " + l.Text + "\n")
		}
	}
	b.WriteString("\n")
	for _, f := range m.facts() {
		fmt.Fprintf(&b, "%-9s %s\n", f[0]+":", f[1])
	}
	return b.String()
}

// cut shortens a text to at most n characters.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}
