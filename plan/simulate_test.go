package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

func locals(p *plan.Plan) []string {
	var list []string
	for _, r := range p.Runs {
		list = append(list, r.Local+" "+string(r.Reason))
	}
	return list
}

// The two changes of the clock that Los Angeles has within the next year, under
// every policy.
func TestClockChanges(t *testing.T) {
	t.Parallel()
	gap := func(s string) func(*graph.Group) { return func(g *graph.Group) { g.DST.Gap = s } }
	fold := func(s string) func(*graph.Group) { return func(g *graph.Group) { g.DST.Fold = s } }
	for name, tt := range map[string]struct {
		schedule, from string
		edit           func(*graph.Group)
		want           []string
	}{
		"next_valid": {"30 2 * * *", "2027-03-14T00:00:00Z", gap("next_valid"), []string{"2027-03-14T03:00:00-07:00 gap_moved", "2027-03-15T02:30:00-07:00 normal"}},
		"shift":      {"30 2 * * *", "2027-03-14T00:00:00Z", gap("shift"), []string{"2027-03-14T03:30:00-07:00 gap_moved", "2027-03-15T02:30:00-07:00 normal"}},
		"skip":       {"30 2 * * *", "2027-03-14T00:00:00Z", gap("skip"), []string{"2027-03-15T02:30:00-07:00 normal"}},
		"first":      {"30 1 * * *", "2026-11-01T00:00:00Z", fold("first"), []string{"2026-11-01T01:30:00-07:00 overlap_first", "2026-11-02T01:30:00-08:00 normal"}},
		"second":     {"30 1 * * *", "2026-11-01T00:00:00Z", fold("second"), []string{"2026-11-01T01:30:00-08:00 overlap_second", "2026-11-02T01:30:00-08:00 normal"}},
		"both": {"30 1 * * *", "2026-11-01T00:00:00Z", fold("both"), []string{
			"2026-11-01T01:30:00-07:00 overlap_first", "2026-11-01T01:30:00-08:00 overlap_second", "2026-11-02T01:30:00-08:00 normal"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan.Make(plan.Input{Graph: daily(tt.schedule, losAngeles, tt.edit), At: at(tt.from), Horizon: 36 * time.Hour})
			if diff := cmp.Diff(tt.want, locals(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNominalTimeOfMovedRun(t *testing.T) {
	t.Parallel()
	p := plan.Make(plan.Input{Graph: daily("30 2 * * *", losAngeles), At: at("2027-03-14T00:00:00Z")})
	r := p.Runs[0]
	if r.Nominal.String() != "2027-03-14 02:30" || r.Reason != cron.GapMoved || r.Key != "courier_group.daily@2027-03-14T10:00:00Z" {
		t.Errorf("nominal %v, reason %v, key %v", r.Nominal, r.Reason, r.Key)
	}
	if want := at("2027-03-14T10:30:00Z"); !r.Couriers[0].Deadline.Equal(want) {
		t.Errorf("deadline %v, want %v", r.Couriers[0].Deadline, want)
	}
}

func TestCatchUp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		catchUp string
		past    bool
		first   string   // range of the first run
		files   []string // of the first run
		dropped string
		runs    int // overdue ones
		notes   []string
	}{
		"coalesce": {graph.Coalesce, false, "06-11T13:00 06-15T13:00", []string{"2026-06-12.csv", "2026-06-13.csv", "2026-06-14.csv", "2026-06-15.csv"}, "", 1,
			[]string{"overdue: it starts as soon as the runtime serves", "coalesces 3 earlier ticks from Fri 2026-06-12 13:00 UTC on"}},
		"past_day_only": {graph.Coalesce, true, "06-14T13:00 06-15T13:00", []string{"2026-06-15.csv"}, "06-11T13:00 06-14T13:00", 1,
			[]string{"overdue: it starts as soon as the runtime serves", "coalesces 3 earlier ticks from Fri 2026-06-12 13:00 UTC on"}},
		"skip": {graph.SkipCatchUp, false, "06-14T13:00 06-15T13:00", []string{"2026-06-15.csv"}, "06-11T13:00 06-14T13:00", 1,
			[]string{"overdue: it starts as soon as the runtime serves", "3 earlier ticks from Fri 2026-06-12 13:00 UTC on skipped: missed, and catch_up is skip"}},
		"each": {graph.Each, false, "06-11T13:00 06-12T13:00", []string{"2026-06-12.csv"}, "", 4,
			[]string{"overdue: it starts as soon as the runtime serves"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := daily("0 13 * * *", "UTC", func(g *graph.Group) { g.CatchUp, g.PastDayOnly = tt.catchUp, tt.past })
			p := plan.Make(plan.Input{Deployed: applied(g), Graph: g, Standing: standing("2026-06-11T13:00:00Z"), At: at("2026-06-15T15:00:00Z")})
			r := p.Runs[0]
			c := r.Couriers[0]
			if got := reads(r)[0]; got.Start+" "+got.End != tt.first {
				t.Errorf("range %s %s, want %s", got.Start, got.End, tt.first)
			}
			if diff := cmp.Diff(tt.files, c.Files); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.notes, r.Notes); diff != "" {
				t.Error(diff)
			}
			dropped := ""
			if c.Dropped != nil {
				dropped = c.Dropped.Start.Format("01-02T15:04 ") + c.Dropped.End.Format("01-02T15:04")
			}
			if dropped != tt.dropped {
				t.Errorf("dropped %q, want %q", dropped, tt.dropped)
			}
			overdue := 0
			for _, r := range p.Runs {
				if r.Overdue {
					overdue++
				}
			}
			if overdue != tt.runs {
				t.Errorf("%d overdue runs, want %d", overdue, tt.runs)
			}
			if want := at("2026-06-15T15:30:00Z"); !c.Deadline.Equal(want) {
				t.Errorf("deadline %v, want %v: the wait counts from the actual start", c.Deadline, want)
			}
			last := p.Runs[overdue].Couriers[0]
			if diff := cmp.Diff([]string{"2026-06-16.csv"}, last.Files); diff != "" {
				t.Errorf("the first run that is in time: %s", diff)
			}
		})
	}
}

func TestGroupsThatDoNotRun(t *testing.T) {
	t.Parallel()
	paused := graph.Standing{Paused: []graph.Pause{{Group: "courier_group.daily", By: "ben", At: at("2026-06-01T00:00:00Z")}}}
	blocked := graph.Standing{Open: []graph.OpenRun{{Key: "k", Group: "courier_group.daily", ScheduledAt: at("2026-06-01T13:00:00Z"), State: "blocked"}}}
	late := standing("2026-06-01T13:00:00Z")
	for name, tt := range map[string]struct {
		standing graph.Standing
		edit     func(*graph.Group)
		want     plan.GroupState
		runs     int
	}{
		"paused":      {paused, func(*graph.Group) {}, plan.Paused, 0},
		"inactive":    {graph.Standing{}, func(g *graph.Group) { g.Active = false }, plan.Inactive, 0},
		"unscheduled": {graph.Standing{}, func(g *graph.Group) { g.Schedule, g.Active = "", false }, plan.Unscheduled, 0},
		"blocked":     {blocked, func(*graph.Group) {}, plan.Blocked, 0},
		"max_range":   {late, func(g *graph.Group) { g.MaxRange = graph.Duration(72 * time.Hour) }, plan.Blocked, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := daily("0 13 * * *", "UTC", tt.edit)
			p := plan.Make(plan.Input{Deployed: applied(g), Graph: g, Standing: tt.standing, At: at("2026-06-15T15:00:00Z")})
			if got := p.Groups[0]; got.State != tt.want || len(p.Runs) != tt.runs || got.More != 0 {
				t.Errorf("state %s, %d runs, %d more", got.State, len(p.Runs), got.More)
			}
		})
	}
}

// A run that is under way is taken to succeed, and moves its watermarks.
func TestOpenRun(t *testing.T) {
	t.Parallel()
	g := daily("0 13 * * *", "UTC")
	in := plan.Input{Deployed: applied(g), Graph: g, Standing: standing("2026-06-13T13:00:00Z"), At: at("2026-06-14T14:00:00Z")}
	in.Standing.Expected[0].At = at("2026-06-15T13:00:00Z")
	in.Standing.Open = []graph.OpenRun{{Key: "courier_group.daily@2026-06-14T13:00:00Z", Group: "courier_group.daily", ScheduledAt: at("2026-06-14T13:00:00Z"), State: "running"}}
	p := plan.Make(in)
	if diff := cmp.Diff([]string{"2026-06-15.csv"}, p.Runs[0].Couriers[0].Files); diff != "" {
		t.Error(diff)
	}
	in.Standing.Open[0].State = "scheduled"
	if got := plan.Make(in).Runs[0]; got.Key != "courier_group.daily@2026-06-14T13:00:00Z" {
		t.Errorf("a queued run comes first, not %s", got.Key)
	}
}

// start_from is for the couriers of a group that never ran; one that is added
// later starts one period back.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	from := at("2026-06-10T00:00:00Z")
	g := daily("0 13 * * *", "UTC", func(g *graph.Group) { g.StartFrom = &from })
	p := plan.Make(plan.Input{Graph: g, At: at("2026-06-15T00:00:00Z")})
	if got := reads(p.Runs[0])[0]; got.Start != "06-10T00:00" {
		t.Errorf("a new group starts at %s", got.Start)
	}
	old := clone(t, g)
	g.Couriers = append(g.Couriers, filedrop("partner", "{yyyy}{MM}{dd}.csv"))
	g.Groups[0].Members = append(g.Groups[0].Members, member("partner", graph.Offset{}))
	p = plan.Make(plan.Input{Deployed: applied(old), Graph: g, Standing: standing("2026-06-14T13:00:00Z"), At: at("2026-06-15T00:00:00Z")})
	if got := reads(p.Runs[0])[1]; got.Start != "06-14T13:00" {
		t.Errorf("a courier that is added starts at %s", got.Start)
	}
}

// Runs that are not listed are counted, to the run.
func TestMore(t *testing.T) {
	t.Parallel()
	for _, schedule := range []string{"*/15 * * * *", "0 * * * *", "0 13 * * *", "30 1,2 * * *"} {
		for _, limit := range []int{1, 3, 50} {
			in := plan.Input{Graph: daily(schedule, losAngeles), At: at("2027-03-12T00:00:00Z"), PerGroup: limit}
			p := plan.Make(in)
			in.PerGroup = 100000
			all := plan.Make(in)
			if got, want := len(p.Runs)+p.Groups[0].More, len(all.Runs); got != want || len(p.Runs) > limit || all.Groups[0].More != 0 {
				t.Errorf("%s, %d listed: %d runs, want %d", schedule, limit, got, want)
			}
		}
	}
}

// A run names the tick of the group that it waits for.
func TestAfter(t *testing.T) {
	t.Parallel()
	g := daily("0 13 * * *", "UTC", func(g *graph.Group) {
		g.After = []graph.After{{Name: "lake", Group: "courier_group.lakehouse", Wait: graph.Duration(3 * time.Hour), Gate: graph.GateStart}}
	})
	g.Groups = append(g.Groups, group("lakehouse", "0 4 * * *", "UTC", member("orders", graph.Offset{})))
	p := plan.Make(plan.Input{Graph: g, At: at("2026-06-15T05:00:00Z"), PerGroup: 1})
	want := []plan.After{{Group: "courier_group.lakehouse", Tick: at("2026-06-15T04:00:00Z"), Gate: graph.GateStart, Deadline: at("2026-06-15T16:00:00Z")}}
	if diff := cmp.Diff(want, p.Runs[0].After); diff != "" {
		t.Error(diff)
	}
}
