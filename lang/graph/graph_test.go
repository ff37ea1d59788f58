package graph_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

func sample() *graph.Graph {
	return &graph.Graph{
		FormatVersion: graph.FormatVersion,
		Landing:       "landing",
		Couriers: []graph.Courier{
			{Addr: "courier.crm", RestAPI: &graph.RestAPI{HTTP: graph.HTTP{Method: "GET", URL: graph.Value{{Literal: "https://x/?from="}, {Ref: "range.start", Format: "YYYY"}}}}},
			{Addr: "courier.orders", Filedrop: &graph.Filedrop{URL: graph.Text("drop")}},
		},
		Processes: []graph.Step{{Addr: "process.stitch", Exec: &graph.Exec{Command: []graph.Value{graph.Text("./stitch.sh")}}}},
		Groups: []graph.Group{{
			Addr: "courier_group.daily", RunType: graph.RunRefresh,
			Members:     []graph.Member{{Name: "orders", Courier: "courier.orders", Wait: graph.Duration(2 * time.Hour), Offset: graph.Offset{Days: 1}}},
			Processes:   []graph.Addr{"process.stitch"},
			Activations: []graph.Addr{"activation.campaign.winback"},
		}},
	}
}

func TestGraphSurvivesJSON(t *testing.T) {
	t.Parallel()
	g := sample()
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	var back graph.Graph
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(g, &back, cmpopts.IgnoreUnexported(graph.Graph{})); diff != "" {
		t.Errorf("the graph read back differs (-written +read):\n%s", diff)
	}
	if g.Digest() != back.Digest() {
		t.Error("the graph read back has another digest")
	}
}

func TestDigestIgnoresPlacesAndSeesContent(t *testing.T) {
	t.Parallel()
	g, same, other := sample(), sample(), sample()
	same.SetPlace("courier.orders", "", &diag.Range{Filename: "main.hcl"})
	other.Couriers[1].Filedrop.URL = graph.Text("elsewhere")
	if g.Digest() != same.Digest() {
		t.Error("a source range changed the digest")
	}
	if g.Digest() == other.Digest() {
		t.Error("another source URL has the same digest")
	}
}

func TestPlaceFallsBackToTheBlock(t *testing.T) {
	t.Parallel()
	g := sample()
	block, offset := diag.Range{Filename: "a.hcl"}, diag.Range{Filename: "b.hcl"}
	g.SetPlace("courier_group.daily", "", &block)
	g.SetPlace("courier_group.daily", "courier.orders.offset", &offset)
	for attr, want := range map[string]*diag.Range{
		"courier.orders.offset": &offset,
		"courier.orders.wait":   &block,
		"schedule":              &block,
	} {
		if diff := cmp.Diff(want, g.Place("courier_group.daily", attr)); diff != "" {
			t.Errorf("place of %s (-want +got):\n%s", attr, diff)
		}
	}
	if got := g.Place("courier_group.none", "schedule"); got != nil {
		t.Errorf("place of an unknown block: %v, want nil", got)
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	g := sample()
	if g.Courier("courier.orders") == nil || g.Courier("courier.none") != nil {
		t.Error("Courier does not find by address")
	}
	if g.Step("process.stitch") == nil || g.Step("bridge.stitch") != nil {
		t.Error("Step does not find by address")
	}
	daily := g.Group("courier_group.daily")
	if daily == nil || daily.Member("orders") == nil || daily.Member("crm") != nil {
		t.Fatal("Group or Member does not find by name")
	}
	if diff := cmp.Diff([]graph.Addr{"process.stitch"}, daily.Steps()); diff != "" {
		t.Errorf("steps of a refresh run (-want +got):\n%s", diff)
	}
}

func TestAddr(t *testing.T) {
	t.Parallel()
	for addr, want := range map[graph.Addr][2]string{
		"courier.orders":                 {"courier", "orders"},
		"activation.campaign.winback":    {"activation", "winback"},
		`courier.feed["acme.com"]`:       {"courier", `feed["acme.com"]`},
		graph.GroupAddr("daily"):         {"courier_group", "daily"},
		"courier_group.daily":            {"courier_group", "daily"},
		graph.NewAddr("alert", "a", "b"): {"alert", "b"},
	} {
		if got := [2]string{addr.Kind(), addr.Name()}; got != want {
			t.Errorf("%s: kind and name %q, want %q", addr, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0s": 0, "90s": 90 * time.Second, "1w2d3h4m5s": 9*24*time.Hour + 3*time.Hour + 4*time.Minute + 5*time.Second, "36h": 36 * time.Hour,
	} {
		got, err := graph.ParseDuration(text)
		if err != nil || got.Std() != want {
			t.Errorf("%q: %v, %v; want %v", text, got.Std(), err, want)
		}
		back, err := graph.ParseDuration(got.String())
		if err != nil || back != got {
			t.Errorf("%q prints as %q, which reads as %v, %v", text, got, back, err)
		}
	}
	for _, text := range []string{"1000000w", "2147483647w", "3661d", "3660d1s", "1w99999999999999999999s", "9223372036854775807w"} {
		if got, err := graph.ParseDuration(text); err == nil || err.Error() != "it is longer than ten years" {
			t.Errorf("%q was read as %v, %v; want that it is longer than ten years", text, got, err)
		}
	}
	if got, err := graph.ParseDuration(graph.MaxDuration.String()); err != nil || got != graph.MaxDuration {
		t.Errorf("the longest duration was read as %v, %v", got, err)
	}
	for _, text := range []string{"", "5", "h", "5x", "-5m", "1h1h", "5s1m", "1.5h", "99999999999h", "9999w", "5 m"} {
		if got, err := graph.ParseDuration(text); err == nil {
			t.Errorf("%q was read as %v; want an error", text, got)
		}
	}
}

func TestOffsetInWords(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]graph.Offset{
		"0s": {}, "1 day": {Days: 1}, "2 months 1 week 3 days 1h30m": {Months: 2, Weeks: 1, Days: 3, Elapsed: graph.Duration(90 * time.Minute)},
	} {
		if got := o.String(); got != want {
			t.Errorf("%+v: %q, want %q", o, got, want)
		}
	}
}
