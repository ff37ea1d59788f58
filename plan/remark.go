package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// staleMoves notes the moved blocks that mean nothing for what is applied.
func staleMoves(in Input, r graph.Renames) diag.List {
	if in.Deployed.Serial == 0 || len(in.Graph.Moved) == 0 {
		return nil
	}
	used := map[graph.Addr]bool{}
	for _, m := range slices.Concat(r.Blocks, r.Members) {
		used[m.To] = true
	}
	var idle []string
	for _, m := range in.Graph.Moved {
		to := m.To
		for range in.Graph.Moved { // to the end of its chain
			if i := slices.IndexFunc(in.Graph.Moved, func(x graph.Moved) bool { return x.From == to }); i >= 0 {
				to = in.Graph.Moved[i].To
			}
		}
		instance := func(a graph.Addr) bool { return strings.HasPrefix(string(a), string(to)+"[") }
		if !used[to] && !slices.ContainsFunc(r.Blocks, func(x graph.Moved) bool { return instance(x.To) }) {
			idle = append(idle, fmt.Sprintf("- %s to %s", m.From, m.To))
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return diag.List{diag.MovedIdle.New(nil, "Moved block without effect",
		"What is applied here has no block that these would give another address to, or has one with the present address already:\n\n%s\n\nOnce every place where this workspace is applied has them, they can be removed.",
		strings.Join(idle, "\n"))}
}

// handovers warns of data that is read twice or never because of the change.
func handovers(g *graph.Graph, list []Consequence) diag.List {
	var out diag.List
	for _, q := range list {
		group := g.Group(q.Group)
		if group == nil {
			continue
		}
		twice := slices.DeleteFunc(slices.Clone(q.Twice), func(h Handover) bool { return h.LandedOnce })
		for _, x := range []struct {
			code    diag.Code
			list    []Handover
			summary string
			what    string
			cure    string
		}{
			{diag.ReadTwice, twice, "Data that would be read twice", "Applying this makes %s read again what has been read:", cureTwice},
			{diag.ReadNever, q.Never, "Data that would never be read", "Applying this makes %s leave out for good:", cureNever},
		} {
			if len(x.list) == 0 || accepts(group, x.code) {
				continue
			}
			d := x.code.New(g.Place(q.Group, place(x.list[0])), x.summary, x.what+"\n\n%s\n%s", q.Group, handoverLines(x.list), x.cure)
			d.Address = string(q.Group)
			out = append(out, d)
		}
	}
	return out
}

const (
	cureTwice = "If the group or the courier has another name only, say so with a moved block, and its watermark goes on. Where reading it again does no harm, the group can accept WB430."
	cureNever = "If the group or the courier has another name only, say so with a moved block, and its watermark goes on. Else `waybill run GROUP --from --to` loads it once the change is applied."
)

// place is where the group says what a handover is about.
func place(h Handover) string {
	switch h.Cause {
	case CauseFileDates:
		return "file_dates"
	case CauseDropped:
		return "past_day_only"
	}
	return "courier." + h.Name
}

// handoverLines is a line for each of the first few.
func handoverLines(list []Handover) string {
	var b strings.Builder
	for i, h := range list {
		if i == shown {
			fmt.Fprintf(&b, "- and %d more\n", len(list)-i)
			break
		}
		fmt.Fprintf(&b, "- %s\n", h.Sentence())
	}
	return b.String()
}

// Sentence says what is handed over: the data, the files, and who has read it.
func (h *Handover) Sentence() string {
	s := fmt.Sprintf("%s of %s: %s", span(h.Range.Length()), h.Name, h.Local)
	switch n := len(h.Files) + h.More; {
	case n == 1:
		s += ", file " + h.Files[0]
	case n > 1:
		s += fmt.Sprintf(", %d files: %s", n, strings.Join(h.Files[:min(n, 3, len(h.Files))], ", "))
		if n > 3 {
			s += ", …"
		}
	}
	if h.Partly {
		s += "; some of it may have been left out then"
	}
	switch {
	case h.Reader.Group != "" && h.Reader.At.IsZero():
		s += fmt.Sprintf("; as applied, the first run of %s reads it as %s", h.Reader.Group, h.Reader.Name)
	case h.Reader.Group != "":
		s += fmt.Sprintf("; until now %s reads it as %s, up to %s", h.Reader.Group, h.Reader.Name, clockIn(h.Reader.At, h.Local.Zone))
	}
	return s
}

// String writes a range as its clocks show it: "2026-11-01 01:00 to 02:00 PDT".
func (r LocalRange) String() string {
	start, err := time.Parse(time.RFC3339, r.Start)
	end, err2 := time.Parse(time.RFC3339, r.End)
	if err != nil || err2 != nil {
		return r.Start + " to " + r.End
	}
	return clockIn(start, r.Zone) + " to " + clockIn(end, r.Zone)
}

// clockIn writes an instant as the clocks of a zone show it.
func clockIn(t time.Time, zone string) string {
	z, err := cron.LoadZone(zone)
	if err != nil {
		return t.UTC().Format(time.RFC3339)
	}
	local := t.In(z.Location())
	return local.Format("2006-01-02 15:04 ") + ZoneText(local)
}
