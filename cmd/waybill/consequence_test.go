package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// changeBase is a workspace of two groups whose files are all there.
const changeBase = `
courier "days" {
  filedrop { url = "drop" }
  file "f" { pattern = "d-{yyyy}{MM}{dd}.csv" }
}

courier "hours" {
  filedrop { url = "drop" }
  file "f" { pattern = "h-{yyyy}{MM}{dd}{HH}.csv" }
}

courier_group "daily" {
  schedule = "0 6 * * *"

  courier "days" {}
}

courier_group "often" {
  schedule = "0 */3 * * *"

  courier "hours" {}
}
`

// story is when a runtime is started, when a change is made, and until when it is
// watched.
type story struct{ start, change, until time.Time }

// monday is a change on a Monday morning, two days after the start.
var monday = story{
	time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2000, 1, 3, 10, 17, 0, 0, time.UTC), time.Date(2000, 1, 5, 7, 17, 0, 0, time.UTC),
}

// did is what a runtime did: the ticks that it ran, by the present address of
// their group, and how often it landed each file.
type did struct {
	ticks  map[graph.Addr][]time.Time
	landed map[string]int
	begun  map[byte]bool // the kinds of files, by first letter, of which some were landed before the change
	plan   *plan.Plan
	shown  *plan.Plan // the same, as the plan command makes it
}

// fileLayouts are the files of a day, by the layout of their date, and of each of its
// hours.
type fileLayouts struct{ day, hour string }

// live runs a workspace from the start of a bubble and, where there is
// another text, plans and applies that at the change. idle is for how long nothing
// serves before the change.
func (s story) live(t *testing.T, before, after string, idle time.Duration, f fileLayouts) (d did) {
	t.Helper()
	dir := memoryDir(t)
	writeWorkspace(t, dir, before)
	s.drop(t, dir, f)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(s.start))
		r := openInBubble(t, dir)
		deployText(t, r, loadText(t, dir, before))
		stop := serveInBubble(t, r)
		time.Sleep(time.Until(s.change.Add(-idle)))
		if idle > 0 {
			stop()
			time.Sleep(time.Until(s.change))
		}
		if after != "" {
			d.plan, d.shown = s.plan(t, r, loadText(t, dir, after))
			deployText(t, r, d.plan.Graph)
			if again, _ := s.plan(t, r, loadText(t, dir, after)); len(again.Changes)+len(again.Consequences) > 0 {
				t.Errorf("a plan of what was just applied has changes %+v and consequences %+v", again.Changes, again.Consequences)
			}
		}
		if idle > 0 {
			stop = serveInBubble(t, r)
		}
		time.Sleep(time.Until(s.until.Add(time.Hour)))
		stop()
		d.look(t, r, s)
	})
	return d
}

func (s story) plan(t *testing.T, r *runtime.Runtime, g *graph.Graph) (all, shown *plan.Plan) {
	t.Helper()
	deployed, err := r.Deployment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	standing, err := r.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := plan.Input{Deployed: deployed, Standing: standing, Graph: g, At: s.change, Horizon: s.until.Sub(s.change)}
	shown = plan.Make(in)
	in.PerGroup = 1000
	return plan.Make(in), shown
}

// look takes down what happened after the change, and all landings.
func (d *did) look(t *testing.T, r *runtime.Runtime, s story) {
	t.Helper()
	d.ticks, d.landed, d.begun = map[graph.Addr][]time.Time{}, map[string]int{}, map[byte]bool{}
	runs, err := r.Runs(t.Context(), store.RunFilter{Until: s.until.Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		detail, err := r.Run(t.Context(), run.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range detail.Landings {
			d.landed[l.Path]++
			if run.StartedAt.Before(s.change) {
				d.begun[l.Path[0]] = true
			}
		}
		if run.StartedAt.Before(s.change) || run.State == store.Skipped {
			continue
		}
		if run.State != store.Succeeded && run.State != store.Blocked {
			t.Errorf("%s %s: %s", run.Key, run.State, run.Message)
		}
		d.ticks[run.Group] = append(d.ticks[run.Group], run.ScheduledAt)
	}
	for _, list := range d.ticks {
		slices.SortFunc(list, time.Time.Compare)
	}
}

func loadText(t *testing.T, dir, text string) *graph.Graph {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, problems, err := lang.Load(dir, lang.Options{})
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems)
	}
	return w.Graph
}

func deployText(t *testing.T, r *runtime.Runtime, g *graph.Graph) {
	t.Helper()
	d, err := r.Deployment(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Deploy(t.Context(), graph.Deployment{Serial: d.Serial, Graph: g}); err != nil {
		t.Fatal(err)
	}
}

// drop puts every file of the days around the change into the drop folder.
func (s story) drop(t *testing.T, dir string, f fileLayouts) {
	t.Helper()
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := s.start.AddDate(0, 0, -7); day.Before(s.until.Add(48 * time.Hour)); day = day.Add(24 * time.Hour) {
		names := []string{day.Format(f.day)}
		for h := range 24 {
			names = append(names, day.Add(time.Duration(h)*time.Hour).Format(f.hour))
		}
		for _, name := range names {
			path := filepath.Join(dir, "drop", name)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// compare holds what a plan claimed against what happened, with the change and
// without it.
func compare(t *testing.T, with, without did) {
	t.Helper()
	p := with.plan
	claimed := map[graph.Addr][]time.Time{}
	for group, list := range without.ticks {
		claimed[group] = list
	}
	twice, never := map[string]bool{}, map[string]bool{}
	for _, q := range p.Consequences {
		from := q.Group
		if q.From != "" {
			from = q.From
		}
		claimed[q.Group] = afterChange(without.ticks[from], q)
		if q.From != "" {
			delete(claimed, q.From)
		}
		collect(t, twice, q.Twice)
		collect(t, never, q.Never)
	}
	dropUnread(twice, without)
	for group, list := range claimed {
		if len(list) == 0 {
			delete(claimed, group)
		}
	}
	if diff := cmp.Diff(claimed, with.ticks); diff != "" {
		t.Errorf("runs (-claimed +happened):\n%s", diff)
	}
	if diff := cmp.Diff(twice, landedTwice(with)); diff != "" {
		t.Errorf("read twice (-claimed +happened):\n%s", diff)
	}
	if diff := cmp.Diff(never, landedNever(with, without)); diff != "" {
		t.Errorf("never read (-claimed +happened):\n%s", diff)
	}
	if t.Failed() {
		t.Logf("consequences: %+v", p.Consequences)
	}
}

// afterChange is the ticks of a group with what a consequence says of them.
func afterChange(ticks []time.Time, q plan.Consequence) []time.Time {
	gone, come := map[time.Time]bool{}, []time.Time(nil)
	for _, x := range q.Vanish {
		gone[x.At] = true
	}
	for _, x := range q.Appear {
		come = append(come, x.At)
	}
	for _, x := range q.Move {
		gone[x.Before.At] = true
		come = append(come, x.After.At)
	}
	for _, at := range ticks {
		if !gone[at] {
			come = append(come, at)
		}
		delete(gone, at)
	}
	if len(gone) > 0 { // it claims that runs vanish that there are not
		come = append(come, slices.Collect(maps.Keys(gone))...)
	}
	slices.SortFunc(come, time.Time.Compare)
	return come
}

func collect(t *testing.T, into map[string]bool, list []plan.Handover) {
	t.Helper()
	for _, h := range list {
		if h.LandedOnce {
			continue
		}
		if h.More > 0 {
			t.Fatalf("too many files to compare: %+v", h)
		}
		for _, name := range h.Files {
			into[name] = true
		}
	}
}

// dropUnread takes out of what is claimed to be read twice what is older than
// everything that was read of its kind: where a reading once began is not kept, and
// a plan does not know it.
func dropUnread(twice map[string]bool, d did) {
	first := map[byte]string{}
	for name := range d.landed {
		if old, ok := first[name[0]]; !ok || name < old {
			first[name[0]] = name
		}
	}
	maps.DeleteFunc(twice, func(name string, _ bool) bool { return name < first[name[0]] })
}

// landedTwice is the files that were landed more than once.
func landedTwice(d did) map[string]bool {
	twice := map[string]bool{}
	for name, n := range d.landed {
		if n > 1 {
			twice[name] = true
		}
	}
	return twice
}

// landedNever is the files that were not landed although others before and after
// them were, of a kind that is landed both before the change and after it.
func landedNever(with, without did) map[string]bool {
	never := map[string]bool{}
	last := map[byte]string{}
	for name := range with.landed {
		last[name[0]] = max(last[name[0]], name)
	}
	for name := range without.landed {
		if with.begun[name[0]] && with.landed[name] == 0 && name < last[name[0]] {
			never[name] = true
		}
	}
	return never
}

var changeFormats = fileLayouts{"d-20060102.csv", "h-2006010215.csv"}

func replaced(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(changeBase) }

// changes are edits of the base, and what a reader should be told of the data.
var changes = map[string]string{
	"nothing":          changeBase,
	"later":            replaced(`"0 6 * * *"`, `"0 9 * * *"`),
	"earlier":          replaced(`"0 6 * * *"`, `"30 1 * * *"`),
	"weekly":           replaced(`"0 6 * * *"`, `"0 6 * * 3"`),
	"more often":       replaced(`"0 */3 * * *"`, `"0 */2 * * *"`),
	"in a zone":        replaced(`schedule = "0 6 * * *"`, "schedule = \"0 6 * * *\"\n timezone = \"America/Los_Angeles\""),
	"inactive":         replaced(`schedule = "0 6 * * *"`, "schedule = \"0 6 * * *\"\n active = false"),
	"renamed":          replaced(`courier_group "daily"`, `courier_group "nightly"`),
	"renamed often":    replaced(`courier_group "often"`, `courier_group "hourly"`),
	"moved":            replaced(`courier_group "daily"`, `courier_group "nightly"`) + "moved {\n from = courier_group.daily\n to = courier_group.nightly\n}\n",
	"courier moved":    replaced(`courier "days"`, `courier "dated"`) + "moved {\n from = courier.days\n to = courier.dated\n}\n",
	"courier named":    replaced(`courier "hours"`, `courier "each_hour"`),
	"member moved":     replaced(`courier "hours" {}`, "courier \"h\" {\n use = courier.hours\n }") + "moved {\n from = courier_group.often.courier.hours\n to = courier_group.often.courier.h\n}\n",
	"member named":     replaced(`courier "hours" {}`, "courier \"h\" {\n use = courier.hours\n }"),
	"offset":           replaced(`courier "days" {}`, "courier \"days\" {\n offset { days = 1 }\n }"),
	"offset hours":     replaced(`courier "hours" {}`, "courier \"hours\" {\n offset { hours = 5 }\n }"),
	"other group":      replaced(`courier "hours" {}`, "courier \"days\" {}", `courier "days" {}`, `courier "hours" {}`),
	"dates in zone":    replaced(`schedule = "0 */3 * * *"`, "schedule = \"0 */3 * * *\"\n file_dates = \"Asia/Kolkata\""),
	"dates far west":   replaced(`schedule = "0 */3 * * *"`, "schedule = \"0 */3 * * *\"\n file_dates = \"America/Los_Angeles\""),
	"slower again":     replaced(`"0 */3 * * *"`, `"30 4 * * *"`, `courier_group "often"`, `courier_group "seldom"`),
	"past day":         replaced(`schedule = "0 6 * * *"`, "schedule = \"0 6 * * *\"\n past_day_only = true"),
	"seldom, past day": replaced(`schedule = "0 6 * * *"`, "schedule = \"0 6 * * 3\"\n past_day_only = true", `courier "days" {}`, "courier \"d\" {\n use = courier.days\n }"),
	"start from":       replaced(`courier_group "often" {`, "courier_group \"new\" {\n start_from = \"2000-01-03T07:00:00Z\""),
}

// alsoIdle is the changes that are made after an outage, too.
var alsoIdle = []string{"nothing", "more often", "renamed", "renamed often", "other group", "dates in zone", "past day", "moved"}

// TestConsequencesAreWhatHappens applies each change to a runtime that has run for
// two days, and compares which runs there are and which files land twice or never
// with what the plan claimed; some of them where nothing has served for a day.
func TestConsequencesAreWhatHappens(t *testing.T) {
	t.Parallel()
	for _, idle := range []time.Duration{0, 29 * time.Hour} {
		without := monday.live(t, changeBase, "", idle, changeFormats)
		for name, text := range changes {
			if idle > 0 && !slices.Contains(alsoIdle, name) {
				continue
			}
			t.Run(fmt.Sprintf("%s after %s", name, idle), func(t *testing.T) {
				t.Parallel()
				compare(t, monday.live(t, changeBase, text, idle, changeFormats), without)
			})
		}
	}
}

// TestConsequencesOfRandomChanges is the same for workspaces put together at
// random.
func TestConsequencesOfRandomChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 5))
			before, after := randomChange(r), randomChange(r)
			idle := time.Duration(r.IntN(2)) * 31 * time.Hour
			t.Logf("idle %s, before:%s\nafter:%s", idle, before, after)
			compare(t, monday.live(t, before, after, idle, changeFormats), monday.live(t, before, "", idle, changeFormats))
		})
	}
}

func randomChange(r *rand.Rand) string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	first, second := pick("daily", "nightly"), pick("often", "hourly")
	zone := pick("UTC", "Europe/London", "Asia/Tokyo")
	return replaced(
		`"daily"`, fmt.Sprintf("%q", first), `"often"`, fmt.Sprintf("%q", second),
		`"0 6 * * *"`, fmt.Sprintf("%q\n timezone = %q", pick("0 6 * * *", "30 11 * * *", "0 3 * * 1-5", "0 1,13 * * *"), zone),
		`"0 */3 * * *"`, fmt.Sprintf("%q\n catch_up = %q", pick("0 */3 * * *", "20 */2 * * *", "45 5 * * *"), pick("coalesce", "coalesce", "each")),
		`courier "hours" {}`, "courier \"hours\" {\n offset { hours = "+pick("0", "1", "4")+" }\n }",
		`courier "days" {}`, "courier \"days\" {\n offset { days = "+pick("0", "1")+" }\n }",
	)
}
