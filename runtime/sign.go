package runtime

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/flow"
	"github.com/waybill-dev/waybill/runtime/scene"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// The words of `on` of an alert.
const (
	wordFailed        = "failed"
	wordMissing       = "missing"
	wordLate          = "late"
	wordSlow          = "slow"
	wordSLAMissed     = "sla_missed"
	wordNotStarted    = "not_started"
	wordSucceeded     = "succeeded"
	wordStopped       = "stopped"
	wordBlocked       = "blocked"
	wordHeld          = "held"
	wordSourceError   = "source_error"
	wordMisconfigured = "misconfigured"
)

// signOf says what an event is a sign of; false: of nothing.
func (d *desk) signOf(e store.Event, r store.Run) (sign, bool, error) {
	switch e.Type {
	case EventBlocked, EventSlow, EventSLAMissed, EventNotStarted:
		return runSign(e, r), true, nil
	case EventTaskMissing:
		if !strings.HasPrefix(e.Task, flow.GateName("")) {
			return sign{}, false, nil // a courier's is in missing, where anybody is to be told
		}
	}
	t, found, err := d.tx.Task(e.Run, e.Task)
	if err != nil || !found {
		return sign{}, false, err
	}
	switch e.Type {
	case EventLate:
		return d.lateSign(e, r, t)
	case EventMissing:
		return d.missingSign(r, t)
	case EventTaskMissing:
		return d.gateSign(r, t)
	case EventTaskHeld:
		return taskSign(r, t, wordHeld, "is held", "Nobody knows whether it was done: "+sentence(t.Message), "Find out whether it was done (if it was: waybill skip "+typedKey(r)+" "+graph.Typed(t.Name)+" --reason WHY); if it was not"), true, nil
	}
	switch {
	case t.Fault == store.FaultSource && t.Kind == store.KindCourier:
		return taskSign(r, t, wordSourceError, "cannot be read", sentence(t.Message), "When the source is well again"), true, nil
	case t.Fault == store.FaultMisconfigured:
		return taskSign(r, t, wordMisconfigured, "is misconfigured", sentence(t.Message), "When it is put right (after an apply: waybill restart "+typedKey(r)+")"), true, nil
	default:
		return taskSign(r, t, wordFailed, "failed", sentence(t.Message), "When it is put right"), true, nil
	}
}

// taskSign is a sign of a task that a retry helps.
func taskSign(r store.Run, t store.Task, word, what, text, when string) sign {
	return sign{
		cause: word + "/" + t.Name, task: t.Name, word: word, title: r.Group.Name() + ": " + t.Name + " " + what,
		text: text, when: when, do: retry(r),
	}
}

// runSign is a sign of a run as a whole.
func runSign(e store.Event, r store.Run) sign {
	s := sign{cause: e.Type, word: e.Type, text: sentence(e.Message), when: "To see what it is doing", do: "waybill show " + typedKey(r)}
	name := r.Group.Name()
	switch e.Type {
	case EventBlocked:
		s.title, s.text = name+": the run is blocked", sentence(r.Message)+" Nothing is read until somebody decides."
		s.when = fmt.Sprintf("To work it off (to pass it over: waybill advance %s --to DATE --reason WHY)", r.Group.Typed())
		s.do = "waybill backfill " + r.Group.Typed()
	case EventSlow:
		s.title = name + ": the run is slow"
		s.text += " It began at " + words.Stamp(r.StartedAt) + "."
	case EventSLAMissed:
		s.title = name + ": not done in time"
	case EventNotStarted:
		s.title, s.when, s.do = name+": not started", "To see who acts on the store and what runs", "waybill status"
	}
	return s
}

// lateSign is of a courier whose data was not there at a look.
func (d *desk) lateSign(e store.Event, r store.Run, t store.Task) (sign, bool, error) {
	poll, _, err := d.tx.Poll(t.Run, t.Name)
	if err != nil {
		return sign{}, false, err
	}
	var last scene.Look
	if err := store.Parse(poll.Last, &last); err != nil {
		return sign{}, false, err
	}
	s := sign{
		cause: wordMissing + "/" + t.Name, task: t.Name, word: wordLate, names: words.Gone(last.Missing),
		title: r.Group.Name() + ": " + t.Name + " is late", text: "Not there yet; it is waited for until " + words.Stamp(t.Deadline) + ".",
		when: "To see what it waits for", do: "waybill show " + typedKey(r),
	}
	if len(s.names) == 0 {
		s.text = sentence(e.Message) + " It is waited for until " + words.Stamp(t.Deadline) + "."
	}
	return s, true, nil
}

// missingSign is of a courier whose data was not there at the deadline.
func (d *desk) missingSign(r store.Run, t store.Task) (sign, bool, error) {
	var h haul
	if err := store.Parse(t.Data, &h); err != nil {
		return sign{}, false, err
	}
	policy, err := d.onMissing(r, t)
	if err != nil {
		return sign{}, false, err
	}
	s := sign{
		cause: wordMissing + "/" + t.Name, task: t.Name, word: wordMissing, names: words.Missing(h.Missing), title: r.Group.Name() + ": " + t.Name + " is missing",
		text: "Not there by " + words.Stamp(t.Deadline) + ". Nothing else of the run starts (on_missing = \"stop\").", when: "When it is there (if it never comes: waybill ignore-missing " + typedKey(r) + ")", do: retry(r),
	}
	if policy == graph.OnMissingContinue {
		s.when = "When it is there"
		s.text = "Not there by " + words.Stamp(t.Deadline) + ". The run goes on without it (on_missing = \"continue\")."
		if s.do = words.Load(r.Group, t.Name, window.Range{Start: t.RangeStart, End: t.RangeEnd}, h.Missing); s.do == "" {
			s.text += " What comes later is taken by the next run."
			s.when, s.do = "To see what is there", "waybill why "+typedKey(r)+" --courier "+graph.Typed(t.Name)
		}
	}
	return s, true, nil
}

// onMissing is the policy that governs a courier or a gate of a run.
func (d *desk) onMissing(r store.Run, t store.Task) (string, error) {
	p, err := d.all.Of(d.tx, r)
	if err != nil {
		return "", err
	}
	return flow.Policy(p.Group(r.Group), t), nil
}

// gateSign is of another group that was waited for in vain.
func (d *desk) gateSign(r store.Run, t store.Task) (sign, bool, error) {
	policy, err := d.onMissing(r, t)
	s := taskSign(r, t, wordMissing, "is missing", sentence(t.Message)+" Nothing else of the run starts (on_missing = \"stop\").", "When that group is done")
	if policy == graph.OnMissingContinue {
		s.text = sentence(t.Message) + " The run goes on without it (on_missing = \"continue\")."
		s.when, s.do = "To see how the groups stand", "waybill status"
	}
	return s, true, err
}

// failedSign is of a run that failed.
func failedSign(r store.Run) sign {
	s := sign{cause: wordFailed, word: wordFailed, title: r.Group.Name() + " failed", text: "The run ended failed.", when: "To see why", do: "waybill show " + typedKey(r)}
	if r.Message != "" {
		s.text = sentence(r.Message)
	}
	return s
}

// endMessage is of a run that succeeded or was stopped.
func endMessage(r store.Run, word string) alert.Message {
	m := alert.Message{Phase: alert.Told, Event: word, Group: r.Group, Run: r.Key, Title: r.Group.Name() + " " + words.State(r.State)}
	if word == wordStopped {
		m.Title = r.Group.Name() + " was stopped"
		m.Text = sentence(r.Message)
		m.When, m.Command = "To go on with it", retry(r)
		if r.State == store.Canceled { // it cannot be tried again
			m.When, m.Command = "", ""
		}
		return m
	}
	m.Text = "It took " + r.EndedAt.Sub(r.StartedAt).Round(time.Second).String() + "."
	if r.State == store.SucceededWithWarnings {
		m.Text += " Something was missing, and the run went on without it."
		m.When, m.Command = "To see what", "waybill show "+typedKey(r)
	}
	return m
}

// sentence makes a message of the runtime a sentence.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	if strings.HasSuffix(text, ".") {
		return upper(text)
	}
	return upper(text) + "."
}

// upper begins a text with a capital, where it begins with a word of ours and no
// name.
func upper(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if !slices.Contains(ownWords, word) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// ownWords are what messages of the runtime begin with.
var ownWords = []string{"the", "due", "it", "its", "stopped", "interrupted", "nobody", "read", "open", "list", "wait", "run", "a", "there"}

func retry(r store.Run) string { return "waybill retry " + typedKey(r) }

func typedKey(r store.Run) string { return graph.Typed(graph.ShortRun(r.Key)) }
