package view_test

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

const losAngeles = "America/Los_Angeles"

func hours(n int) graph.Duration   { return graph.Duration(time.Duration(n) * time.Hour) }
func minutes(n int) graph.Duration { return graph.Duration(time.Duration(n) * time.Minute) }

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// filedrop is a courier that pulls files; files are "name pattern" pairs.
func filedrop(name, url string, files ...graph.File) graph.Courier {
	return graph.Courier{Addr: graph.NewAddr(graph.KindCourier, name), Filedrop: &graph.Filedrop{URL: graph.Text(url)}, Files: files,
		Ready: graph.Ready{StableFor: graph.Duration(30 * time.Second)}, Timeout: hours(6), Retry: retry}
}

var retry = graph.Retry{Attempts: 3, Backoff: minutes(1), MaxBackoff: minutes(10)}

func file(name, pattern string) graph.File {
	return graph.File{Name: name, Pattern: pattern, Require: graph.RequireEach}
}

func optional(name, pattern string) graph.File {
	f := file(name, pattern)
	f.Optional = true
	return f
}

func rest(name, url string) graph.Courier {
	return graph.Courier{Addr: graph.NewAddr(graph.KindCourier, name), RestAPI: &graph.RestAPI{HTTP: graph.HTTP{Method: "GET", URL: graph.Value{{Literal: url + "?from="}, {Ref: "range.start"}}}},
		Timeout: hours(6), Retry: retry}
}

func member(name string, wait graph.Duration, offset graph.Offset) graph.Member {
	return graph.Member{Name: name, Courier: graph.NewAddr(graph.KindCourier, name), Wait: wait, Offset: offset, OnMissing: graph.OnMissingStop, NotifyMissing: true}
}

func group(name, schedule, zone string, members ...graph.Member) graph.Group {
	return graph.Group{Addr: graph.GroupAddr(name), Schedule: schedule, Timezone: zone, Active: true, RunType: graph.RunFull, FileDates: "UTC",
		DST: graph.DST{Gap: "next_valid", Fold: "first", Class: "auto"}, Members: members, Overlap: graph.BufferOne, CatchUp: graph.Coalesce}
}

func workspace(edit func(*graph.Graph)) *graph.Graph {
	g := &graph.Graph{FormatVersion: graph.FormatVersion, Landing: "landing", Runtime: graph.Runtime{Path: ".waybill"}}
	edit(g)
	return g
}

// heterogeneous is the worked example of domain.md section 2: four couriers whose
// sources stamp their data differently. second is the offset of courier #2, which
// the text gives as 30 minutes and the picture as none.
func heterogeneous(second graph.Offset) *graph.Graph {
	return workspace(func(g *graph.Graph) {
		salesforce := rest("salesforce", "https://example.my.salesforce.com/services/data")
		salesforce.IgnoresRange = true
		g.Couriers = []graph.Courier{
			rest("campaign_monitor", "https://api.createsend.com/export"),
			salesforce,
			filedrop("today", "s3://acme-drop/today", file("orders", "orders-{yyyy}-{MM}-{dd}.csv")),
			filedrop("yesterday", "s3://acme-drop/yesterday", file("customers", "files/{yyyy}/{MM}/{dd}/customers-*.csv")),
		}
		g.Groups = []graph.Group{group("daily", "0 13 * * *", "UTC",
			member("campaign_monitor", 0, graph.Offset{Elapsed: hours(13)}),
			member("salesforce", 0, graph.Offset{}),
			member("today", minutes(30), second),
			member("yesterday", hours(2), graph.Offset{Elapsed: hours(24)}),
		)}
	})
}

// pacific has one group whose runs meet both changes of the clock.
func pacific(schedule string, edit func(*graph.Group)) *graph.Graph {
	return workspace(func(g *graph.Graph) {
		g.Couriers = []graph.Courier{filedrop("orders", "drop", file("orders", "{yyyy}/{MM}/{dd}/orders-*.csv.gz"), optional("returns", "{yyyy}/{MM}/{dd}/returns.csv"))}
		daily := group("daily", schedule, losAngeles, member("orders", hours(2), graph.Offset{Days: 1}))
		daily.FileDates, daily.FileDatesStated = losAngeles, true
		edit(&daily)
		g.Groups = []graph.Group{daily}
	})
}

func applied(g *graph.Graph) graph.Deployment {
	return graph.Deployment{Store: "3b0c", Serial: 4, Digest: g.Digest(), AppliedAt: at("2026-11-20T09:12:00Z"), AppliedBy: "ana@laptop", Graph: g}
}

func input(d graph.Deployment, g *graph.Graph, now string) plan.Input {
	return plan.Input{Deployed: d, Graph: g, At: at(now), Tool: "0.1.0"}
}
