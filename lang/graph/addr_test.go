package graph_test

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestInstance(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"us":     `courier_group.daily["us"]`,
		`a"b\c`:  `courier_group.daily["a\"b\\c"]`,
		"${x}%{": `courier_group.daily["$${x}%%{"]`,
		"ü.@#[]": `courier_group.daily["ü.@#[]"]`,
	} {
		a := graph.GroupAddr("daily").Instance(key)
		if string(a) != want {
			t.Errorf("instance %q is %s, want %s", key, a, want)
		}
		if a.Kind() != graph.KindGroup {
			t.Errorf("%s is a %s", a, a.Kind())
		}
		for _, run := range []string{graph.RunKey(a, "2026-11-21T00:00:00Z"), graph.RunKey(a, "adhoc-x1") + "#2", string(a)} {
			if got := graph.OfRun(run); got != want {
				t.Errorf("%s is a run of %s, want %s", run, got, want)
			}
		}
	}
}

func TestTyped(t *testing.T) {
	t.Parallel()
	for addr, want := range map[graph.Addr]string{
		"courier_group.daily":        "daily",
		`courier_group.daily["us"]`:  `'daily["us"]'`,
		`courier_group.daily["o'x"]`: `'daily["o'\''x"]'`,
	} {
		if got := addr.Typed(); got != want {
			t.Errorf("%s is typed %s, want %s", addr, got, want)
		}
	}
}
