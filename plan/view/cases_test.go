package view_test

import (
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// cases are plans as people meet them. Each has golden files of its name.
var cases = []struct {
	name string
	in   func() plan.Input
}{
	{"heterogeneous", func() plan.Input {
		return input(graph.Deployment{}, heterogeneous(graph.Offset{Elapsed: minutes(30)}), "2026-06-15T12:00:00Z")
	}},
	{"heterogeneous-as-drawn", func() plan.Input {
		return input(graph.Deployment{}, heterogeneous(graph.Offset{}), "2026-06-15T12:00:00Z")
	}},
	{"no-changes", func() plan.Input {
		g := heterogeneous(graph.Offset{})
		in := input(applied(g), g, "2026-06-15T12:00:00Z")
		in.Standing = standingAt("daily", "2026-06-14T13:00:00Z", g)
		return in
	}},
	{"gap", func() plan.Input {
		in := input(applied(pacific("0 13 * * *", same)), pacific("30 2 * * *", same), "2027-03-10T12:00:00Z")
		in.AtStated = true
		in.Standing = standingAt("daily", "2027-03-09T21:00:00Z", in.Graph)
		return in
	}},
	{"fold-both", func() plan.Input {
		in := input(graph.Deployment{}, pacific("30 1 * * *", func(g *graph.Group) { g.DST.Fold = "both" }), "2026-10-30T12:00:00Z")
		in.Offline = true
		return in
	}},
	{"quarter-hours", func() plan.Input {
		return input(graph.Deployment{}, pacific("*/15 * * * *", same), "2027-03-13T12:00:00Z")
	}},
	{"review", review},
	{"catch-up", func() plan.Input { return late(graph.Coalesce) }},
	{"catch-up-skip", func() plan.Input { return late(graph.SkipCatchUp) }},
	{"catch-up-each", func() plan.Input { return late(graph.Each) }},
	{"blocked", func() plan.Input {
		in := late(graph.Coalesce)
		in.Graph.Groups[0].PastDayOnly = false
		in.Graph.Groups[0].MaxRange = hours(72)
		return in
	}},
	{"standing-still", standingStill},
	{"handover", handover},
	{"wide", wide},
	{"uncovered", uncovered},
}

func same(*graph.Group) {}

// standingAt has the watermarks of a group after the run of a tick, with the next
// tick of a daily schedule expected.
func standingAt(name, tick string, g *graph.Graph) graph.Standing {
	var s graph.Standing
	for _, m := range g.Group(graph.GroupAddr(name)).Members {
		s.Watermarks = append(s.Watermarks, graph.Watermark{Group: graph.GroupAddr(name), Courier: m.Name, At: at(tick).Add(-m.Offset.Elapsed.Std())})
	}
	s.Expected = []graph.Expected{{Group: graph.GroupAddr(name), At: at(tick).AddDate(0, 0, 1)}}
	return s
}

// late is a group that nothing has run for four days.
func late(catchUp string) plan.Input {
	g := heterogeneous(graph.Offset{})
	g.Groups[0].CatchUp = catchUp
	g.Groups[0].PastDayOnly = catchUp == graph.Coalesce
	in := input(applied(g), g, "2026-06-15T15:10:00Z")
	in.Standing = standingAt("daily", "2026-06-11T13:00:00Z", g)
	in.Horizon = hours(48).Std()
	return in
}

// review changes many things at once.
func review() plan.Input {
	before := workspace(func(g *graph.Graph) {
		g.Secrets = []graph.Secret{{Name: "crm_token", Env: "CRM_TOKEN"}, {Name: "old_key", File: "/run/secrets/old"}}
		crm := rest("crm", "https://crm.example.com/export")
		crm.RestAPI.BearerToken = graph.Value{{Ref: "secret.crm_token"}}
		g.Couriers = []graph.Courier{crm, filedrop("orders", "s3://acme-drop/orders", file("orders", "orders-{yyyy}-{MM}-{dd}.csv"))}
		g.Processes = []graph.Step{step(graph.KindProcess, "reports", "./reports.sh"), step(graph.KindProcess, "stitch", "./stitch.sh", "--all")}
		daily := group("daily", "0 13 * * *", losAngeles, member("crm", 0, graph.Offset{}), member("orders", minutes(30), graph.Offset{Days: 1}))
		daily.Processes = []graph.Addr{"process.reports", "process.stitch"}
		old := group("old", "0 4 * * 1", "Europe/London", member("orders", 0, graph.Offset{}))
		g.Groups = []graph.Group{daily, old}
	})
	after := workspace(func(g *graph.Graph) {
		g.MaxConcurrent = 8
		g.Secrets = before.Secrets[:1]
		crm := rest("crm", "https://crm.example.com/v2/export")
		crm.RestAPI.Headers = map[string]graph.Value{"Accept": graph.Text("text/csv; <any> & all")}
		orders := filedrop("orders", "s3://acme-drop/orders", file("orders", "orders-{yyyy}-{MM}-{dd}.csv.gz"), optional("returns", "returns-{yyyy}-{MM}-{dd}.csv"))
		orders.Files[0].Days = []string{"mon", "tue", "wed", "thu", "fri"}
		g.Couriers = []graph.Courier{crm, orders, filedrop("partner", "sftp://feeds@sftp.example.com/outbox", file("catalog", "catalog-{yyyy}{MM}{dd}.csv"))}
		g.Processes = []graph.Step{step(graph.KindProcess, "customer360", "./customer360.sh"), step(graph.KindProcess, "stitch", "./stitch.sh", "--incremental")}
		g.Activations = []graph.Step{step(graph.KindActivation, "campaign.winback", "./send.sh", "winback")}
		daily := group("daily", "0 14 * * *", losAngeles, member("crm", 0, graph.Offset{}), member("orders", hours(2), graph.Offset{Days: 1}), member("partner", hours(1), graph.Offset{}))
		daily.Members[1].OnMissing = graph.OnMissingContinue
		daily.Processes = []graph.Addr{"process.customer360", "process.stitch"}
		daily.Activations = []graph.Addr{"activation.campaign.winback"}
		g.Groups = []graph.Group{daily}
	})
	in := input(applied(before), after, "2026-11-20T22:00:00Z")
	in.Standing = graph.Standing{
		Watermarks: []graph.Watermark{
			{Group: "courier_group.daily", Courier: "crm", At: at("2026-11-20T21:00:00Z")},
			{Group: "courier_group.daily", Courier: "orders", At: at("2026-11-19T21:00:00Z")},
		},
		Expected: []graph.Expected{{Group: "courier_group.daily", At: at("2026-11-21T21:00:00Z")}},
	}
	return in
}

func step(kind, name string, command ...string) graph.Step {
	s := graph.Step{Addr: graph.NewAddr(kind, name), OnUnknown: "retry", Timeout: hours(6), Retry: retry, Exec: &graph.Exec{}}
	for _, word := range command {
		s.Exec.Command = append(s.Exec.Command, graph.Text(word))
	}
	return s
}

// standingStill has a group for each reason not to run, and one that waits for
// another.
func standingStill() plan.Input {
	g := workspace(func(g *graph.Graph) {
		g.Couriers = []graph.Courier{filedrop("orders", "drop", file("orders", "{yyyy}{MM}{dd}.csv"))}
		g.Groups = []graph.Group{
			group("adhoc", "", "UTC", member("orders", 0, graph.Offset{})),
			group("blocked", "0 4 * * *", "UTC", member("orders", 0, graph.Offset{})),
			group("inactive", "0 4 * * *", "UTC", member("orders", 0, graph.Offset{})),
			group("lakehouse", "0 4 * * *", "UTC", member("orders", 0, graph.Offset{})),
			group("paused", "0 4 * * *", "UTC", member("orders", 0, graph.Offset{})),
			group("reports", "30 4 * * *", "Europe/London", member("orders", minutes(10), graph.Offset{})),
			group("yearly", "@yearly", "UTC", member("orders", 0, graph.Offset{})),
		}
		g.Groups[0].Active, g.Groups[2].Active = false, false
		g.Groups[5].After = []graph.After{{Name: "lake", Group: "courier_group.lakehouse", Wait: hours(3), OnMissing: graph.OnMissingStop, Gate: graph.GateDownstream}}
	})
	in := input(applied(g), g, "2026-11-21T20:00:00Z")
	in.Standing = graph.Standing{
		Paused: []graph.Pause{{Group: "courier_group.paused", By: "ben@ops", At: at("2026-11-20T08:00:00Z")}},
		Open: []graph.OpenRun{
			{Key: "courier_group.blocked@2026-11-21T04:00:00Z", Group: "courier_group.blocked", ScheduledAt: at("2026-11-21T04:00:00Z"), State: "blocked"},
			{Key: "courier_group.lakehouse@2026-11-21T04:00:00Z", Group: "courier_group.lakehouse", ScheduledAt: at("2026-11-21T04:00:00Z"), State: "running"},
		},
	}
	in.Horizon = hours(72).Std()
	return in
}

// handover renames groups and couriers, with moved blocks and without, while one is
// paused, one blocked and one under way.
func handover() plan.Input {
	before := workspace(func(g *graph.Graph) {
		g.Couriers = []graph.Courier{filedrop("clicks", "drop", file("clicks", "clicks-{yyyy}-{MM}-{dd}T{HH}.csv")), filedrop("inbox", "inbox", file("any", "*.csv")),
			filedrop("orders", "drop", file("orders", "orders-{yyyy}{MM}{dd}.csv")), rest("crm", "https://crm.example.com/export")}
		slices.SortFunc(g.Couriers, func(a, b graph.Courier) int { return strings.Compare(string(a.Addr), string(b.Addr)) })
		g.Processes = []graph.Step{step(graph.KindProcess, "load", "./load.sh"), step(graph.KindProcess, "report", "./report.sh")}
		clicks := group("clicks", "0 * * * *", losAngeles, member("clicks", hours(1), graph.Offset{}))
		clicks.FileDates, clicks.FileDatesStated = losAngeles, true
		daily := group("daily", "0 6 * * *", "UTC", member("crm", 0, graph.Offset{}), member("orders", hours(2), graph.Offset{}))
		daily.Processes = []graph.Addr{"process.load", "process.report"}
		arriving := group("arriving", "0 5 * * *", "UTC", member("inbox", 0, graph.Offset{}))
		g.Groups = []graph.Group{arriving, clicks, daily, group("late", "0 9 * * *", "UTC", member("orders", 0, graph.Offset{}))}
	})
	after := workspace(func(g *graph.Graph) {
		*g = *before
		g.Couriers, g.Groups = slices.Clone(before.Couriers), slices.Clone(before.Groups)
		g.Couriers[3].Addr = "courier.sales"
		g.Groups[0].Addr = "courier_group.incoming"
		g.Groups[1].Members = []graph.Member{member("clicks", minutes(20), graph.Offset{Elapsed: hours(1)})}
		g.Groups[1].Members[0].Name = "web_clicks"
		g.Groups[2].Members = []graph.Member{member("crm", 0, graph.Offset{}), member("sales", hours(2), graph.Offset{})}
		g.Groups[2].Addr, g.Groups[2].RunType = "courier_group.shop", graph.RunSource
		g.Groups[3].Members, g.Groups[3].FileDates = []graph.Member{member("sales", 0, graph.Offset{})}, "Pacific/Auckland"
		g.Groups = []graph.Group{g.Groups[1], g.Groups[0], g.Groups[3], g.Groups[2]}
		g.Moved = []graph.Moved{{From: "courier.orders", To: "courier.sales"}, {From: "courier_group.daily", To: "courier_group.shop"}}
	})
	in := input(applied(before), after, "2026-11-20T22:00:00Z")
	in.Standing = graph.Standing{
		Watermarks: []graph.Watermark{
			{Group: "courier_group.arriving", Courier: "inbox", At: at("2026-11-20T05:00:00Z")},
			{Group: "courier_group.clicks", Courier: "clicks", At: at("2026-11-20T21:00:00Z")},
			{Group: "courier_group.daily", Courier: "crm", At: at("2026-11-20T06:00:00Z")},
			{Group: "courier_group.daily", Courier: "orders", At: at("2026-11-20T06:00:00Z")},
			{Group: "courier_group.late", Courier: "orders", At: at("2026-11-20T09:00:00Z")},
		},
		Paused: []graph.Pause{{Group: "courier_group.daily", By: "ben@ops", At: at("2026-11-20T08:00:00Z")}},
		Open: []graph.OpenRun{
			{Key: "courier_group.clicks@2026-11-20T22:00:00Z", Group: "courier_group.clicks", ScheduledAt: at("2026-11-20T22:00:00Z"), State: "running"},
			{Key: "courier_group.late@2026-11-20T09:00:00Z", Group: "courier_group.late", ScheduledAt: at("2026-11-20T09:00:00Z"), State: "blocked"},
		},
	}
	in.Horizon = hours(72).Std()
	return in
}

// wide has names, patterns and numbers of files that are hard to lay out.
func wide() plan.Input {
	g := workspace(func(g *graph.Graph) {
		events := file("events", "events/{yyyy}/{MM}/{dd}/part-{HH}-*.json.gz")
		catalog := file("catalog", "catalog-{yyyy}{MM}{dd}.csv")
		catalog.Require = graph.RequireAny
		weekdays := file("weekdays", "weekdays-{yyyy}-{MM}-{dd}.csv")
		weekdays.Days = []string{"mon", "tue", "wed", "thu", "fri"}
		long := "a/very/long/folder/for/the/files/of/the/partner/that/nobody/ever/dared/to/rename/report-of-{yyyy}-{MM}-{dd}-final-version-2.csv"
		g.Couriers = []graph.Courier{
			filedrop("events", "s3://acme-events", events),
			filedrop("partner_with_a_name_that_is_far_too_long", "s3://acme", file("report", long), catalog, weekdays),
			filedrop("注文データ", "s3://acme-jp", file("orders", "注文-{yyyy}{MM}{dd}.csv"), file("inbox", "inbox/*.csv")),
		}
		g.Groups = []graph.Group{group("weekly", "15 6 * * 1", "Asia/Tokyo",
			member("events", hours(30), graph.Offset{}),
			member("partner_with_a_name_that_is_far_too_long", hours(2), graph.Offset{Days: 1}),
			member("注文データ", hours(2), graph.Offset{}),
		)}
		g.Groups[0].Accept = []string{"WB420"}
		slices.Reverse(g.Groups[0].Members)
	})
	in := input(graph.Deployment{}, g, "2026-12-26T00:00:00Z")
	in.Horizon = hours(24 * 21).Std()
	return in
}

// uncovered is groups that read too little, or not when they should.
func uncovered() plan.Input {
	g := workspace(func(g *graph.Graph) {
		events := file("events", "{yyyy}/{MM}/{dd}/{HH}.json")
		g.Couriers = []graph.Courier{rest("crm", "https://crm.example.com/export"), filedrop("events", "events", events),
			filedrop("inbox", "inbox", file("inbox", "*.csv")), filedrop("orders", "drop", file("orders", "{yyyy}{MM}{dd}.csv"))}
		local := func(gr graph.Group) graph.Group { gr.FileDates, gr.FileDatesStated = losAngeles, true; return gr }
		g.Groups = []graph.Group{
			group("arriving", "0 13 * * *", losAngeles, member("inbox", 0, graph.Offset{})),
			local(group("hourly", "0 * * * *", losAngeles, member("events", 0, graph.Offset{}))),
			local(group("nightly", "30 0 * * *", losAngeles, member("orders", 0, graph.Offset{Elapsed: hours(24)}))),
			group("past_day", "0 13 * * *", losAngeles, member("crm", 0, graph.Offset{}), member("orders", 0, graph.Offset{})),
			group("weekly", "0 13 * * 1", "UTC", member("orders", 0, graph.Offset{})),
		}
		g.Groups[3].PastDayOnly, g.Groups[4].PastDayOnly = true, true
		g.Groups[4].MaxRange = hours(20)
	})
	return input(graph.Deployment{}, g, "2026-11-21T20:00:00Z")
}
