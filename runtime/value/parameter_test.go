package value_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -8*3600)
	start := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	v := &value.Resolver{Zone: zone, Run: value.Run{ID: "k"}, Range: window.Range{Start: start}}
	got, err := v.Parameters(graph.Value{
		{Literal: "a > "}, {Ref: "range.start"}, {Literal: " and b = "}, {Ref: "range.start", Format: "YYYYMMDD"},
		{Literal: " and c < "}, {Ref: "range.end"}, {Ref: "run.range_end", Format: "YYYYMMDD"}, {Ref: "run.scheduled_at"}, {Ref: "run.id"},
	})
	if err != nil {
		t.Fatal(err)
	}
	local := start.In(zone)
	want := []value.Parameter{
		{Ref: "range.start", Text: "2026-11-21T00:00:00-08:00", Time: local},
		{Ref: "range.start", Format: "YYYYMMDD", Text: "20261121", Time: local},
		{Ref: "range.end", Text: "9999-12-31T23:59:59Z", Edge: value.End},
		{Ref: "run.range_end", Format: "YYYYMMDD", Text: "99991231", Edge: value.End},
		{Ref: "run.scheduled_at", Null: true},
		{Ref: "run.id", Text: "k"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, instant := range []bool{true, true, true, true, true, false} {
		if got[i].Instant() != instant {
			t.Errorf("%s: instant is %t", got[i].Ref, !instant)
		}
	}
	if _, err := v.Parameters(graph.Value{{Ref: "secret.x"}}); value.FaultOf(err) != value.Misconfigured {
		t.Errorf("a secret: %v", err)
	}
}

func TestDSN(t *testing.T) {
	t.Setenv("DSN_TEST", `p'w@ \x`)
	secrets := value.NewSecrets("", []graph.Secret{{Name: "pw", Env: "DSN_TEST"}}, &value.Redactor{})
	v := &value.Resolver{Secrets: secrets}
	pw := graph.Part{Ref: "secret.pw"}
	for want, x := range map[string]graph.Value{
		`p'w@ \x`:                              {pw},
		`postgres://u:p%27w%40%20%5Cx@host/db`: {{Literal: "postgres://u:"}, pw, {Literal: "@host/db"}},
		`host=h password='p\'w@ \\x' user=u`:   {{Literal: "host=h password="}, pw, {Literal: " user=u"}},
		`host=h password = 'p\'w@ \\x'`:        {{Literal: "host=h password = "}, pw},
		``:                                     nil,
		`user='it\'s' password='p\'w@ \\x'`:    {{Literal: `user='it\'s' password='`}, pw, {Literal: `'`}},
	} {
		if got, err := v.DSN(x); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", x, got, err, want)
		}
	}
}
