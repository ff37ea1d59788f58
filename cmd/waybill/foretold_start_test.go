package main

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// TestTheRunStartsWhenPlanRunSays asks for a run that has to queue, under a pause
// or not, and for one that is refused since nobody would end the one before it.
func TestTheRunStartsWhenPlanRunSays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeWorkspace(t, dir, foretoldWorkspace)
	synctest.Test(t, func(t *testing.T) {
		f := &foretold{T: t, dir: dir, runtime: openPolling(t, dir, time.Minute)}
		time.Sleep(time.Until(parseInstant(t, "2000-01-10T12:00:00Z")))
		f.apply()
		stop := serveInBubble(t, f.runtime)
		patient := runtime.RunArgs{Date: "2000-01-12", Couriers: []string{"hours"}} // waits for an hour
		first, second := f.send("first", patient), f.send("second", patient)
		time.Sleep(10 * time.Minute)
		if _, err := f.runtime.Send(t.Context(), store.Command{Verb: store.VerbPause, Group: first.Group, Token: "hold", Args: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		a := f.start(patient)
		if a.State != plan.StartsQueued || !a.Served || !a.Paused || len(a.Ahead) != 2 || a.Ahead[0].Key != string(first.Group)+"@"+first.Token {
			t.Errorf("behind a run that waits: %+v", a)
		}
		third := f.send("third", patient)
		time.Sleep(6 * time.Hour)
		var ended time.Time
		for _, c := range []store.Command{first, second, third} {
			d, err := f.runtime.Run(t.Context(), string(c.Group)+"@"+c.Token)
			if err != nil {
				t.Fatal(err)
			}
			if d.Run.StartedAt.Before(ended) || d.Run.EndedAt.IsZero() {
				t.Errorf("%s started at %s, the one before it ended at %s", c.Token, d.Run.StartedAt, ended)
			}
			ended = d.Run.EndedAt
		}
		if a := f.start(patient); a.State != plan.StartsNow || !a.Paused {
			t.Errorf("under a pause: %+v", a)
		}
		f.send("left", patient)
		time.Sleep(10 * time.Minute)
		stop()
		if a := f.start(patient); a.State != plan.StartRefused || a.Served || len(a.Ahead) != 1 {
			t.Errorf("behind a run that was left: %+v", a)
		}
		text, err := json.Marshal(patient)
		if err != nil {
			t.Fatal(err)
		}
		var refused *runtime.RefusedError
		if _, err := f.runtime.Do(t.Context(), store.Command{Verb: store.VerbRun, Group: first.Group, Args: text}, nil); !errors.As(err, &refused) {
			t.Errorf("it is not refused: %v", err)
		}
	})
}

// send asks the process that serves for a run of the daily group.
func (f *foretold) send(token string, args runtime.RunArgs) store.Command {
	f.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		f.Fatal(err)
	}
	c, err := f.runtime.Send(f.Context(), store.Command{Verb: store.VerbRun, Group: "courier_group.daily", Token: token, Args: text})
	if err != nil {
		f.Fatal(err)
	}
	return c
}

// start is when a run of the daily group would start.
func (f *foretold) start(args runtime.RunArgs) plan.Start {
	f.Helper()
	const group = graph.Addr("courier_group.daily")
	facts, err := f.runtime.Facts(f.Context(), group, args)
	if err != nil {
		f.Fatal(err)
	}
	a, err := plan.MakeAdHoc(plan.AdHocInput{Graph: f.graph, Group: group, Couriers: args.Couriers, Facts: facts, Ask: window.Ask{Date: args.Date}})
	if err != nil {
		f.Fatal(err)
	}
	return a.Start
}
