package coverage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// edit is one line that could be written instead.
type edit struct {
	line  string
	apply func(*graph.Group, *graph.Member)
}

// cure is the first edit under which the i-th courier of a group holds, and none
// that held fails; "" where no single line does that. It is tried, not guessed.
func (p *Prover) cure(c *window.Calendar, i int, now []Coverage) string {
	g := c.Group()
	for _, e := range edits(c, g.Members[i], now[i]) {
		changed := *g
		changed.Members = append([]graph.Member{}, g.Members...)
		e.apply(&changed, &changed.Members[i])
		trial, err := window.NewCalendar(&changed)
		if err == nil && p.better(trial, i, now) {
			return e.line
		}
	}
	return ""
}

// better reports whether the i-th courier holds in a changed group, and so do all
// that held before.
func (p *Prover) better(c *window.Calendar, i int, now []Coverage) bool {
	group := p.proof(c)
	if !group.member(i).Holds {
		return false
	}
	for j, r := range now {
		if r.Holds && !group.member(j).Holds {
			return false
		}
	}
	return true
}

// edits is what may help, what changes least first.
func edits(c *window.Calendar, m graph.Member, found Coverage) []edit {
	g := c.Group()
	var list []edit
	add := func(useful bool, line string, apply func(*graph.Group, *graph.Member)) {
		if useful {
			list = append(list, edit{line, apply})
		}
	}
	moved, repeated := false, false
	for _, d := range found.Dates {
		moved, repeated = moved || d.Early+d.Late > 0, repeated || d.Repeated > 0
	}
	schedule := func(g *graph.Group, _ *graph.Member) { g.FileDates = g.Timezone }
	elsewhere := g.FileDates != g.Timezone
	dated := g.FileDatesStated && len(found.Dates) > 0
	add(wholeDays(m.Offset), fmt.Sprintf("offset { days = %d }", m.Offset.Days+int(m.Offset.Elapsed/(day*second))), inDays)
	add(elsewhere && !dated, `file_dates = "schedule"`, schedule)
	add(g.DST.Gap == string(cron.SkipGap), `dst { gap = "next_valid" }`, func(g *graph.Group, _ *graph.Member) { g.DST.Gap = string(cron.NextValid) })
	add(found.Lost > 0, "past_day_only = false", func(g *graph.Group, _ *graph.Member) { g.PastDayOnly = false })
	for _, limit := range []int{7, 31, 93, 1098} {
		add(found.Blocked > 0, fmt.Sprintf(`max_range = "%dd"`, limit), func(g *graph.Group, _ *graph.Member) { g.MaxRange = graph.Duration(limit) * day * second })
	}
	if repeated && wholeHours(m.Offset) {
		for more := range 3 {
			n := m.Offset.Elapsed/(hour*second) + graph.Duration(more+1)
			add(true, fmt.Sprintf("offset { hours = %d }", n), func(_ *graph.Group, m *graph.Member) { m.Offset.Elapsed = n * hour * second })
		}
	}
	if moved || found.Lost > 0 {
		list = append(list, otherHours(c)...)
	}
	add(elsewhere && dated, `file_dates = "schedule"`, schedule)
	return list
}

const second = graph.Duration(time.Second)

// wholeDays reports whether an offset is days that are written as hours.
func wholeDays(o graph.Offset) bool {
	return o.Months == 0 && o.Weeks == 0 && o.Elapsed > 0 && o.Elapsed%(day*second) == 0
}

func inDays(_ *graph.Group, m *graph.Member) {
	m.Offset.Days += int(m.Offset.Elapsed / (day * second))
	m.Offset.Elapsed = 0
}

func wholeHours(o graph.Offset) bool {
	return o.Months == 0 && o.Weeks == 0 && o.Days == 0 && o.Elapsed%(hour*second) == 0
}

// otherHours is the same schedule a few hours later or earlier on the same day.
func otherHours(c *window.Calendar) []edit {
	fields := strings.Fields(c.Schedule().Expr().String())
	at, err := strconv.Atoi(fields[1])
	if err != nil {
		return nil
	}
	var list []edit
	for _, move := range []int{1, -1, 2, -2, 3, -3} {
		h := at + move
		if h < 0 || h > 23 {
			continue
		}
		fields[1] = strconv.Itoa(h)
		text := strings.Join(fields, " ")
		list = append(list, edit{fmt.Sprintf("schedule = %q", text), func(g *graph.Group, _ *graph.Member) { g.Schedule = text }})
	}
	return list
}
