package view

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

// TestRunsAreAsOfEncodingJSON holds what writes couriers to their struct tags: a
// field that comes to one of these types is missed here.
func TestRunsAreAsOfEncodingJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 8, 30, 0, 5, time.FixedZone("", 3600))
	span := window.Range{Start: at, End: at.Add(time.Hour).UTC()}
	full := plan.Courier{Courier: `courier.a["ü<b>"]`, Name: `a["` + "\x01\xff" + `"]`, Range: span, RangeIgnored: true, Dropped: &span,
		Files: []string{"a-2026.csv", `b\.csv`}, FileDetails: []plan.FileDetail{{File: "a", Name: "a-2026.csv", Date: "2026",
			Optional: true, Unexpected: true, Any: true, ByArrival: true}, {File: "b"}}, Wait: 90e9, Deadline: at}
	for _, v := range []reflect.Value{reflect.ValueOf(full), reflect.ValueOf(full.FileDetails[0])} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s of %s is not tested", v.Type().Field(i).Name, v.Type())
			}
		}
	}
	for _, couriers := range [][]plan.Courier{nil, {}, {full}, {full, {}, full}, {{Files: []string{}, FileDetails: []plan.FileDetail{}}}} {
		p := &plan.Plan{Runs: []plan.Run{{Group: "courier_group.a", Couriers: couriers}}}
		var got, runs bytes.Buffer
		if err := JSON(&got, p); err != nil {
			t.Fatal(err)
		}
		e := json.NewEncoder(&runs)
		e.SetEscapeHTML(false)
		e.SetIndent("  ", "  ")
		if err := e.Encode(p.Runs); err != nil {
			t.Fatal(err)
		}
		want := `  "runs": ` + runs.String()
		if !bytes.Contains(got.Bytes(), bytes.TrimSpace([]byte(want))) {
			t.Error(cmp.Diff(want, got.String()))
		}
	}
}
