package runtime

import (
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// remindAfter is how long an alert is not told again of an incident that it
// knows, however often its cause comes back.
const remindAfter = 12 * time.Hour

// sign is an event that opens an incident, or shows that one goes on.
type sign struct {
	cause string   // what the incident is of, unique in the group
	task  string   // empty: the whole run
	word  string   // of `on`
	names []string // that are missing
	title string
	text  string
	when  string // when the command helps
	do    string // the command
}

// notice is a message of this transaction that an alert is to get.
type notice struct {
	alert    *graph.Alert
	key      string
	incident int64
	words    []string // of which one is excepted from quiet hours, where it is
	message  alert.Message
}

// raise opens, goes on with and closes incidents for the events of this
// transaction, and writes the messages about them into the outbox. It comes last
// in the transaction, so that it sees the rows as they will be.
func (d *desk) raise() error {
	for _, e := range d.tx.Appended() {
		if err := d.hear(e); err != nil {
			return err
		}
	}
	return d.post()
}

// hear decides what an event means for incidents.
func (d *desk) hear(e store.Event) error {
	switch e.Type {
	case EventDeployed:
		return d.closeRemoved()
	case EventQueued:
		return d.takenLate(e)
	case EventLate, EventMissing, EventTaskMissing, EventTaskFailed, EventTaskHeld, EventBlocked, EventSlow, EventSLAMissed, EventNotStarted:
		r, err := d.run(e.Run)
		if err != nil {
			return err
		}
		s, ok, err := d.signOf(e, r)
		if err != nil || !ok {
			return err
		}
		if err := d.heed(r, s); err != nil || e.Type != EventBlocked {
			return err
		}
		return d.closeWhere(r.Group, r.Key, "The run "+graph.ShortRun(r.Key)+" is blocked.", func(i store.Incident) bool { return i.Cause == wordNotStarted })
	case EventStarted, EventSkipped, EventUnblocked, EventTaskSucceeded, EventTaskSkipped:
		if open, err := d.anyOpen(); err != nil || !open {
			return err
		}
		r, err := d.run(e.Run)
		if err != nil {
			return err
		}
		return d.relieved(e, r)
	case EventEnded:
		return d.ended(e)
	}
	return nil
}

// anyOpen reports whether there is an open incident at all: mostly there is
// none, and nothing else needs to be asked.
func (d *desk) anyOpen() (bool, error) {
	if d.opened {
		return true, nil
	}
	return d.tx.AnyIncident()
}

// heed opens the incident of a sign, or goes on with it, and tells the alerts
// that have to hear of it now.
func (d *desk) heed(r store.Run, s sign) error {
	i, known, err := d.tx.OpenIncident(r.Group, s.cause)
	if err != nil {
		return err
	}
	worse := !known
	if !known {
		i = store.Incident{Group: r.Group, Cause: s.cause, Task: s.task, OpenedAt: d.now}
		d.opened = true
	} else {
		worse = !slices.ContainsFunc(i.Events, func(w string) bool { return weight(w) >= weight(s.word) })
	}
	if worse {
		i.Title = s.title
	}
	if !slices.Contains(i.Events, s.word) {
		i.Events = append(i.Events, s.word)
	}
	if i.Run != r.Key {
		i.Run, i.Runs = r.Key, i.Runs+1
	}
	i.Message, i.UpdatedAt = s.text, d.now
	if i, err = d.tx.PutIncident(i); err != nil {
		return err
	}
	return d.tellOf(r, i, s, worse)
}

// weight orders what an incident can come to: an alert hears again of one that
// has become worse.
func weight(word string) int {
	if word == wordLate {
		return 1
	}
	return 2
}

// tellOf tells the alerts that listen for a sign of its incident: those that do
// not know it, all where it has become worse, and else who has not heard of it
// for a while.
func (d *desk) tellOf(r store.Run, i store.Incident, s sign, worse bool) error {
	listeners, err := d.listeners(r, s.word)
	if err != nil || len(listeners) == 0 {
		return err
	}
	told, err := d.toldOf(i.ID)
	if err != nil {
		return err
	}
	m := alert.Message{
		Incident: i.Key(), Event: s.word, Group: r.Group, Run: r.Key, Task: s.task, Title: i.Title, Text: s.text,
		Since: i.OpenedAt, At: d.now, Zone: d.zone(r), Runs: i.Runs, When: s.when, Command: s.do,
	}
	const shown = 50
	if m.Names = s.names; len(m.Names) > shown {
		m.Names, m.More = m.Names[:shown], len(s.names)-shown
	}
	for _, a := range listeners {
		last, knows := told[a.Addr]
		switch {
		case !knows:
			m.Phase = alert.Opened
		case worse || d.now.Sub(last) >= remindAfter:
			m.Phase = alert.Updated
		default:
			continue
		}
		d.notices = append(d.notices, notice{a, i.Key(), i.ID, []string{s.word}, m})
	}
	return nil
}

// toldOf is when each alert was last told of an incident, this transaction
// included.
func (d *desk) toldOf(incident int64) (map[graph.Addr]time.Time, error) {
	told, err := d.tx.LastTold(incident)
	for _, n := range d.notices {
		if err == nil && n.incident == incident {
			told[n.alert.Addr] = d.now
		}
	}
	return told, err
}

// close closes an incident and tells the alerts that know of it.
func (d *desk) close(i store.Incident, run, why string) error {
	i.ClosedAt, i.UpdatedAt = d.now, d.now
	if _, err := d.tx.PutIncident(i); err != nil {
		return err
	}
	told, err := d.toldOf(i.ID)
	if err != nil {
		return err
	}
	word, _, _ := strings.Cut(i.Cause, "/")
	m := alert.Message{
		Incident: i.Key(), Phase: alert.Closed, Event: word, Group: i.Group, Run: run, Task: i.Task,
		Title: i.Title, Text: why, Since: i.OpenedAt, At: d.now, Zone: d.zone(store.Run{Group: i.Group}), Runs: i.Runs,
	}
	for j := range d.program.Alerts {
		if a := &d.program.Alerts[j]; !told[a.Addr].IsZero() {
			d.notices = append(d.notices, notice{a, i.Key(), i.ID, i.Events, m})
		}
	}
	return nil
}

// closeWhere closes the open incidents of a group that a condition selects.
func (d *desk) closeWhere(group graph.Addr, run, why string, which func(store.Incident) bool) error {
	open, err := d.tx.OpenIncidents(group)
	if err != nil {
		return err
	}
	for _, i := range open {
		if which(i) {
			if err := d.close(i, run, why); err != nil {
				return err
			}
		}
	}
	return nil
}

// closeRemoved closes the incidents of groups that are no longer applied.
func (d *desk) closeRemoved() error {
	return d.closeWhere("", "", "The group is no longer applied.", func(i store.Incident) bool { return d.program.Group(i.Group) == nil })
}

// relieved closes what an event shows to be over.
func (d *desk) relieved(e store.Event, r store.Run) error {
	name := graph.ShortRun(r.Key)
	switch e.Type {
	case EventTaskSucceeded:
		return d.taskOver(e, r, e.Task+" has done its work in "+name+".")
	case EventTaskSkipped:
		return d.taskOver(e, r, "")
	case EventUnblocked:
		return d.closeWhere(r.Group, r.Key, "The run "+name+" goes on.", func(i store.Incident) bool { return i.Cause == wordBlocked })
	case EventSkipped:
		return d.closeWhere(r.Group, r.Key, "The run "+name+" was skipped: "+e.Message+".", func(i store.Incident) bool {
			return i.Run == r.Key && (i.Cause == wordBlocked || i.Cause == wordNotStarted)
		})
	}
	if waits, err := d.overdue(r.Group); err != nil || len(waits) > 0 {
		return err // others still have not begun
	}
	return d.closeWhere(r.Group, r.Key, "The run "+name+" has begun.", func(i store.Incident) bool { return i.Cause == wordNotStarted })
}

// taskOver closes the incidents of a task that is done, or that an operator lets
// count as done; one that was left out for another reason, with no why, stays.
func (d *desk) taskOver(e store.Event, r store.Run, why string) error {
	t, found, err := d.tx.Task(e.Run, e.Task)
	if err != nil || !found {
		return err
	}
	if t.Waiver != nil {
		why = e.Task + " counts as done: " + e.Message + "."
	}
	if why == "" {
		return nil
	}
	return d.closeWhere(r.Group, r.Key, why, func(i store.Incident) bool { return i.Task == e.Task })
}

// ended tells how a run ended, and closes what that ends.
func (d *desk) ended(e store.Event) error {
	r, err := d.run(e.Run)
	if err != nil {
		return err
	}
	if open, err := d.anyOpen(); err != nil {
		return err
	} else if open {
		if err := d.endedOver(r); err != nil {
			return err
		}
	}
	switch r.State {
	case store.Failed:
		return d.failed(r)
	case store.Succeeded, store.SucceededWithWarnings:
		return d.tellPlainly(r, wordSucceeded)
	case store.Stopped, store.Canceled:
		return d.tellPlainly(r, wordStopped)
	}
	return nil
}

// endedOver closes the incidents that are over when a run has ended.
func (d *desk) endedOver(r store.Run) error {
	well, name := r.State == store.Succeeded || r.State == store.SucceededWithWarnings, graph.ShortRun(r.Key)
	why := "The run " + name + " has ended: " + words.State(r.State) + "."
	return d.closeWhere(r.Group, r.Key, why, func(i store.Incident) bool {
		switch {
		case i.Cause == wordSlow || i.Cause == wordNotStarted || i.Cause == wordBlocked:
			return i.Run == r.Key
		case i.Task == "":
			return well // failed, sla_missed
		default: // a file that is missing all the same is so until its courier lands
			return well && i.Run == r.Key && !(r.State == store.SucceededWithWarnings && strings.HasPrefix(i.Cause, wordMissing+"/"))
		}
	})
}

// failed tells that a run has failed those alerts that have not heard of what it
// failed of.
func (d *desk) failed(r store.Run) error {
	open, err := d.tx.OpenIncidents(r.Group)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(i store.Incident) bool {
		return i.Run != r.Key || i.Task == "" || slices.Equal(i.Events, []string{wordLate})
	})
	s := failedSign(r)
	if len(open) == 0 {
		return d.heed(r, s)
	}
	i := open[0]
	s.cause, s.task, s.text = i.Cause, i.Task, i.Message
	if !slices.Contains(i.Events, s.word) {
		i.Events = append(i.Events, s.word)
		if i, err = d.tx.PutIncident(i); err != nil {
			return err
		}
	}
	known := map[graph.Addr]bool{}
	for _, o := range open {
		told, err := d.toldOf(o.ID)
		if err != nil {
			return err
		}
		for a := range told {
			known[a] = true
		}
	}
	before := len(d.notices)
	if err := d.tellOf(r, i, s, false); err != nil {
		return err
	}
	d.notices = append(d.notices[:before], slices.DeleteFunc(slices.Clone(d.notices[before:]), func(n notice) bool {
		return n.message.Phase == alert.Opened && known[n.alert.Addr]
	})...)
	return nil
}

// tellPlainly tells of the end of a run that is no incident.
func (d *desk) tellPlainly(r store.Run, word string) error {
	listeners, err := d.listeners(r, word)
	if err != nil {
		return err
	}
	for _, a := range listeners {
		m := endMessage(r, word)
		m.At, m.Zone = d.now, d.zone(r)
		d.notices = append(d.notices, notice{a, r.Group.Name() + "/" + word, 0, []string{word}, m})
	}
	return nil
}

// listeners are the alerts of a run's group that are told of a word: those that
// are applied now, or with the run where its group is gone.
func (d *desk) listeners(r store.Run, word string) ([]*graph.Alert, error) {
	p := d.program
	if p.Group(r.Group) == nil {
		var err error
		if p, err = d.all.Of(d.tx, r); err != nil {
			return nil, err
		}
	}
	g := p.Group(r.Group)
	if g == nil {
		return nil, nil
	}
	var all []*graph.Alert
	for _, addr := range g.Alerts {
		if a := p.Alert(addr); a != nil && slices.Contains(a.On, word) {
			all = append(all, a)
		}
	}
	return all, nil
}

// zone is that in which a group shows its times.
func (d *desk) zone(r store.Run) string {
	if g := d.program.Group(r.Group); g != nil {
		return g.Timezone
	}
	return ""
}
