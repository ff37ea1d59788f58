package plan_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with a file, or writes it under -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./plan -update writes it anew:\n%s", path, diff)
	}
}

// TestExamples loads and plans the examples of the catalogue as workspaces: the bad
// one has the problem, the good one has not, and neither has another that is not
// explained below.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, e := range diag.Entries() {
		first, ok := examples[string(e.Code)[:3]]
		if !ok {
			continue
		}
		t.Run(string(e.Code), func(t *testing.T) {
			t.Parallel()
			x := first
			if own, ok := exceptions[e.Code]; ok {
				x = own
			}
			said := x.plan(t, e.Bad)
			bad, good := distinct(said), distinct(x.plan(t, e.Good))
			golden(t, filepath.Join("testdata", "messages", string(e.Code)+".txt"), message(said, e.Code))
			if !slices.Contains(bad, string(e.Code)) {
				t.Errorf("the bad example has %v", bad)
			}
			if e.Severity != diag.Error && slices.Contains(distinct(x.plan(t, accepting(e))), string(e.Code)) {
				t.Error("it is reported although every group accepts it")
			}
			if slices.Contains(good, string(e.Code)) {
				t.Error("the good example has the problem it should not have")
			}
			for _, code := range slices.Concat(bad, good) {
				if code != string(e.Code) && !slices.Contains(x.also, code) && !slices.Contains(always, code) {
					t.Errorf("an example has %s besides; explain it in this test or change the example\nbad %v, good %v", code, bad, good)
				}
			}
		})
	}
}

// example is how the examples of a code become plans.
type example struct {
	at       string // when they are planned; empty: exampleAt
	also     []string
	zoneless bool // no default zone is written for them
	deployed graph.Deployment
	before   string // what is applied, completed as the example
	read     string // up to where all couriers of that have read
}

const exampleAt = "2026-11-21T20:00:00Z"

// examples are the hundreds whose examples are planned here; those of the language
// and of workflows are the files of lang/testdata/invalid.
var examples = map[string]example{"WB1": {}, "WB2": {}, "WB3": {}, "WB4": {}, "WB5": {}, "WB6": {}}

// exceptions are codes whose examples need something, or show more than their own
// code: each with the reason.
var exceptions = map[diag.Code]example{
	diag.WindowRepeatedHour: {also: []string{"WB306"}},                   // an hourly group
	diag.WindowAge:          {also: []string{"WB408"}},                   // hours that are not days are what makes it early
	diag.CronLeapDay:        {also: []string{"WB206"}},                   // leap days are rare
	diag.CronBothDays:       {also: []string{"WB109"}},                   // a day field that begins with * has a step
	diag.CronRare:           {also: []string{"WB108", "WB202", "WB205"}}, // what makes it rare
	diag.CronNoRun:          {at: "2026-11-25T00:00:00Z"},                // the 1st of December is in the plan
	diag.DSTOrderInversion:  {also: []string{"WB301"}},                   // the earlier group is in the gap
	diag.DSTFoldOrder:       {also: []string{"WB302"}},                   // the other group states nothing
	diag.DSTNextDate:        {also: []string{"WB302"}},                   // the gap and the fold are at one hour
	diag.DSTMidnightGap:     {also: []string{"WB509"}},                   // Cairo
	diag.DSTDuringRun:       {also: []string{"WB302"}},                   // 01:00
	diag.DSTOddShift:        {also: []string{"WB301"}},                   // 02:15
	diag.DSTBusinessHours:   {zoneless: true},
	diag.ZoneUnstated:       {zoneless: true},
	diag.DSTMissingDate:     {at: "2011-12-15T00:00:00Z"},                      // the date that Apia left out
	diag.ZoneDataChanged:    {deployed: olderRules(), also: []string{"WB509"}}, // Vancouver
	diag.ZonePredicted:      {also: []string{"WB509"}},                         // both are so for one reason
	diag.LoadShortGap:       {also: []string{"WB301"}},                         // the run that is moved
	diag.ReadTwice:          {before: nightly, read: "2026-11-21T12:00:00Z"},
	diag.ReadNever:          {before: nightly, read: "2026-11-18T12:00:00Z"},
	diag.LoadBurst:          {also: []string{"WB301", "WB606"}}, // twelve groups alike
	diag.LoadHerd:           {also: []string{"WB505", "WB606"}}, // twenty groups alike
}

// olderRules is a deployment from before Vancouver kept its clocks on summer time.
func olderRules() graph.Deployment {
	return graph.Deployment{Serial: 3, TZData: "2025b", Zones: []graph.ZoneSpans{{
		Zone: "America/Vancouver", From: at("2026-10-01T00:00:00Z"), Until: at("2027-11-05T00:00:00Z"), Offset: -7 * 3600,
		Changes: []graph.ZoneChange{{At: at("2026-11-01T09:00:00Z"), Offset: -8 * 3600}, {At: at("2027-03-14T10:00:00Z"), Offset: -7 * 3600}},
	}}}
}

// nightly is the group that is called otherwise now.
const nightly = `
courier_group "nightly" {
  schedule = "0 12 * * *"
  couriers = [courier.orders]
}
`

// exampleRest is what examples refer to.
const exampleRest = `
courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

process "stitch" {
  exec { command = ["stitch"] }
}

courier_group "rest" {
  couriers  = [courier.orders]
  processes = [process.stitch]
}
`

// always are codes that any example may have: the completion shares its courier,
// whose file is daily whatever the schedule is, and leaves file dates unstated, the attributes alone make a daily group in some
// zone, and sparse schedules or extensions of cron are there on purpose.
var always = []string{"WB106", "WB209", "WB308", "WB410", "WB411", "WB420", "WB821"}

var (
	more  = regexp.MustCompile(`# and (\d+) more like it`)
	label = regexp.MustCompile(`courier_group "feed"`)
)

// workspace completes an example: attributes become a group, a block with "# and
// 11 more like it" as many, and what it refers to is added.
func (x example) workspace(text string) string {
	if strings.HasPrefix(text, "pattern") {
		return strings.Replace(exampleRest, `pattern = "orders-{yyyy}{MM}{dd}.csv"`, "\n"+text+"\n", 1)
	}
	if !strings.Contains(text, "courier_group") {
		if !strings.Contains(text, "schedule") {
			text += "\nschedule = \"0 9 * * *\""
		}
		text = "courier_group \"daily\" {\n  couriers = [courier.orders]\n" + text + "\n}\n"
	}
	if m := more.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		head, group, _ := strings.Cut(text, `courier_group "feed"`)
		text = head
		for i := range n + 1 {
			one := label.ReplaceAllString(`courier_group "feed"`+group, fmt.Sprintf(`courier_group "feed%02d"`, i))
			text += one + "\n"
		}
	}
	return text + exampleRest
}

// accepting is the bad example of a code with groups that accept it.
func accepting(e diag.Entry) string {
	accept := fmt.Sprintf("\n  accept = [%q]\n", e.Code)
	if !strings.Contains(e.Bad, "courier_group") && !strings.HasPrefix(e.Bad, "pattern") {
		return e.Bad + accept
	}
	return opening.ReplaceAllString(e.Bad, "$0"+accept)
}

var opening = regexp.MustCompile(`(?m)^courier_group "\w+" \{.*$`)

// plan loads and plans an example.
func (x example) plan(t *testing.T, text string) *plan.Plan {
	t.Helper()
	ws, list := x.load(t, text)
	when := x.at
	if when == "" {
		when = exampleAt
	}
	in := plan.Input{Graph: ws.Graph, Deployed: x.deployed, At: at(when), Diagnostics: list}
	if x.before != "" {
		before, _ := x.load(t, x.before)
		in.Deployed = applied(before.Graph)
		for _, g := range before.Graph.Groups {
			for _, m := range g.Members {
				in.Standing.Watermarks = append(in.Standing.Watermarks, graph.Watermark{Group: g.Addr, Courier: m.Name, At: at(x.read)})
			}
		}
	}
	return plan.Make(in)
}

// load compiles an example.
func (x example) load(t *testing.T, text string) (*lang.Workspace, diag.List) {
	t.Helper()
	dir := t.TempDir()
	source := x.workspace(text)
	if !strings.Contains(source, "timezone") && !x.zoneless && !strings.Contains(source, "waybill {") {
		source += "\nwaybill {\n  defaults { timezone = \"UTC\" }\n}\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	ws, list, err := lang.Load(dir, lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ws, list
}

func distinct(p *plan.Plan) []string {
	found := codes(p)
	slices.Sort(found)
	return slices.Compact(found)
}

// message is what the first diagnostic of a code says.
func message(p *plan.Plan, code diag.Code) string {
	for _, d := range p.Diagnostics {
		if d.Code == code {
			return fmt.Sprintf("%s %s: %s\n\n%s\n", d.Severity, d.Code, d.Summary, strings.TrimSpace(d.Detail))
		}
	}
	return ""
}
