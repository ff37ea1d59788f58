package value_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	v := (&value.Resolver{}).WithResponse(value.Response{Status: 200, Body: []byte(`{"state": "RUNNING", "n": 9007199254740993, "f": 1e3, "pct": "9", "none": null, "code": "007"}`)})
	test := func(name, op, right string) graph.Condition {
		return graph.Condition{Op: op, Left: ref("response.json." + name), Right: graph.Text(right)}
	}
	yes, no, bad := test("state", "==", "RUNNING"), test("state", "!=", "RUNNING"), test("absent", "==", "")
	all := func(op string, parts ...graph.Condition) graph.Condition { return graph.Condition{Op: op, All: parts} }
	for name, c := range map[string]struct {
		c    graph.Condition
		want bool
	}{
		"equal":                {yes, true},
		"not equal":            {no, false},
		"numbers":              {test("pct", "<", "10"), true},
		"text":                 {test("state", "<", "S"), true},
		"number and text":      {test("n", ">", "x"), false},
		"big numbers":          {test("n", "==", "9007199254740992"), false},
		"big numbers, equal":   {test("n", "==", "9007199254740993.0"), true},
		"exponents":            {test("f", ">=", "1000"), true},
		"leading zeros":        {test("code", "==", "7"), false},
		"at most":              {test("f", "<=", "999.9"), false},
		"null is empty":        {test("none", "==", ""), true},
		"in":                   {graph.Condition{Op: "in", Left: ref("response.status"), Any: []graph.Value{graph.Text("404"), graph.Text("200")}}, true},
		"not in":               {graph.Condition{Op: "in", Left: ref("response.status"), Any: []graph.Value{graph.Text("404")}}, false},
		"in nothing":           {graph.Condition{Op: "in", Left: ref("response.status")}, false},
		"and":                  {all("and", yes, yes), true},
		"and, one not":         {all("and", yes, no), false},
		"and of nothing":       {all("and"), true},
		"and stops":            {all("and", no, bad), false},
		"or":                   {all("or", no, yes), true},
		"or stops":             {all("or", yes, bad), true},
		"or of nothing":        {all("or"), false},
		"not":                  {all("not", no), true},
		"several deep":         {all("not", all("or", no, all("and", yes, no))), true},
		"reference with words": {graph.Condition{Op: "==", Left: graph.Value{{Literal: "is "}, {Ref: "response.json.state"}}, Right: graph.Text("is RUNNING")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := v.Condition(c.c); err != nil || got != c.want {
				t.Errorf("%v %v", got, err)
			}
		})
	}
	for name, c := range map[string]struct {
		c     graph.Condition
		fault value.Fault
	}{
		"absent":           {bad, value.Failed},
		"absent right":     {graph.Condition{Op: "==", Left: graph.Text("x"), Right: ref("response.json.absent")}, value.Failed},
		"absent in a list": {graph.Condition{Op: "in", Left: graph.Text("x"), Any: []graph.Value{ref("response.json.absent")}}, value.Failed},
		"absent below not": {all("not", bad), value.Failed},
		"not of two":       {all("not", yes, yes), value.Misconfigured},
		"unknown operator": {test("state", "=~", "x"), value.Misconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := v.Condition(c.c); got || value.FaultOf(err) != c.fault {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}
