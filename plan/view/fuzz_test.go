package view_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// A plan that another release or another hand wrote is shown as far as it goes: no
// panic, no line that is too wide, no escape sequence.
func FuzzText(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var p plan.Plan
		if json.Unmarshal(data, &p) != nil {
			return
		}
		var b bytes.Buffer
		if err := errors.Join(view.Text(&b, &p, view.Options{Width: 100}), view.Timeline(&b, &p, view.Options{Width: 100})); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := displayed(strings.TrimRight(line, "\n")); n > 200 || strings.ContainsRune(line, '\x1b') {
				t.Fatalf("%d columns in %q", n, line)
			}
		}
	})
}

// seeds adds plans to start from.
func seeds(f *testing.F) {
	plans := []*plan.Plan{hostilePlan()}
	for _, c := range cases {
		if c.name == "gap" || c.name == "standing-still" || c.name == "review" {
			plans = append(plans, plan.Make(c.in()))
		}
	}
	for _, p := range plans {
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}
