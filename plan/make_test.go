package plan_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// The same input gives the same bytes, and is not touched.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	g := seed(graph.Offset{})
	g.Groups = append(g.Groups, daily("0,30 1,2 * * *", losAngeles).Groups...)
	g.Groups[1].Addr = "courier_group.other"
	digest := g.Digest()
	var first []byte
	for range 20 {
		in := plan.Input{Deployed: applied(daily("0 5 * * *", "UTC")), Graph: g, Standing: standing("2026-10-30T13:00:00Z"), At: at("2026-11-01T05:00:00Z")}
		text := asJSON(t, plan.Make(in))
		if first == nil {
			first = text
		}
		if !bytes.Equal(first, text) {
			t.Fatal("two plans of one input differ")
		}
	}
	if g.Digest() != digest {
		t.Error("making a plan changed the graph")
	}
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	p := plan.Make(plan.Input{Deployed: applied(daily("0 5 * * *", "UTC")), Graph: seed(graph.Offset{}), At: at("2026-11-01T05:00:00Z"), Tool: "0.1.0"})
	text := asJSON(t, p)
	var back plan.Plan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(asJSON(t, &back))); diff != "" {
		t.Error(diff)
	}
}

// A workspace with errors has a plan that says so and nothing else.
func TestNoGraph(t *testing.T) {
	t.Parallel()
	problems := diag.List{{Code: "WB702", Severity: diag.Error, Summary: "b"}, {Code: "WB701", Severity: diag.Error, Summary: "a"}}
	p := plan.Make(plan.Input{Deployed: applied(daily("0 5 * * *", "UTC")), At: at("2026-11-01T05:00:00Z"), Diagnostics: problems})
	if !p.Empty() || len(p.Runs) != 0 || p.GraphDigest != "" || !p.Diagnostics.HasErrors() {
		t.Errorf("%+v", p)
	}
	if diff := cmp.Diff([]string{"WB701", "WB702"}, codes(p)); diff != "" {
		t.Error(diff)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	d := applied(daily("0 5 * * *", "UTC"))
	p := plan.Make(plan.Input{Deployed: d, Graph: d.Graph, At: at("2026-11-01T05:00:00+02:00"), Tool: "0.1.0", AtStated: true, Offline: true})
	want := plan.Base{Store: "s", Serial: 7, Digest: d.Digest, AppliedAt: d.AppliedAt, AppliedBy: "ana"}
	if diff := cmp.Diff(want, p.Base); diff != "" {
		t.Error(diff)
	}
	if p.TZData != cron.Release() || p.Tool != "0.1.0" || !p.AtStated || !p.Offline || p.GraphDigest != d.Digest {
		t.Errorf("%+v", p)
	}
	if got := p.At.Format("15:04 MST"); got != "03:00 UTC" || p.Until.Sub(p.At) != plan.DefaultHorizon {
		t.Errorf("at %s until %v", got, p.Until)
	}
}

func TestAnotherZoneReleaseIsSomethingToApply(t *testing.T) {
	t.Parallel()
	in := plan.Input{Graph: &graph.Graph{FormatVersion: graph.FormatVersion}, At: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	in.Deployed = graph.Deployment{Serial: 1, Digest: in.Graph.Digest(), Graph: in.Graph, TZData: cron.Release()}
	if p := plan.Make(in); !p.Empty() {
		t.Errorf("the same release: %d changes, rezoned %v; want nothing to apply", len(p.Changes), p.Rezoned())
	}
	in.Deployed.TZData = "1999a"
	if p := plan.Make(in); p.Empty() || len(p.Changes) != 0 {
		t.Errorf("another release: %d changes, empty %v; want no change and something to apply", len(p.Changes), p.Empty())
	}
}
