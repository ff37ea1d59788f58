package lang

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCycles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ edges, want string }{
		{"", ""},
		{"a>b b>c a>c", ""},
		{"a>a", "a>a"},
		{"b>a a>b", "a>b b>a"},
		{"c>a a>b b>c x>a", "a>b b>c c>a"},
		{"a>b b>a c>d d>c", "a>b b>a; c>d d>c"},
		{"a>b b>c c>b", "b>c c>b"},
	} {
		var edges []edge
		for _, e := range strings.Fields(tt.edges) {
			from, to, _ := strings.Cut(e, ">")
			edges = append(edges, edge{from: from, to: to})
		}
		var got []string
		found, _ := cycles(edges)
		for _, c := range found {
			var text []string
			for _, e := range c {
				text = append(text, e.from+">"+e.to)
			}
			got = append(got, strings.Join(text, " "))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("cycles(%s):\n%s", tt.edges, diff)
		}
	}
}

// TestCyclesLongChain demands that a chain costs no recursion and no more than
// its length.
func TestCyclesLongChain(t *testing.T) {
	t.Parallel()
	var edges []edge
	for i := range 200_000 {
		edges = append(edges, edge{from: fmt.Sprint(i), to: fmt.Sprint(i + 1)})
	}
	if found, _ := cycles(edges); len(found) > 0 {
		t.Errorf("found %d cycles in a chain", len(found))
	}
}

func TestConstraint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		constraint, version string
		want                bool
	}{
		{">= 0.1", "0.1.0", true},
		{">= 0.1", "v0.1.0-dev", true},
		{">= 0.1", "0.0.9", false},
		{"0.1", "0.1.0", true},
		{"!= 0.1", "0.1.0", false},
		{"> 1.2.3", "1.2.4", true},
		{"<= 1.2.3", "1.2.3", true},
		{">= 0.1, < 2.0", "2.0.0", false},
		{"~> 1.2", "1.9.0", true},
		{"~> 1.2", "2.0.0", false},
		{"~> 1.2.3", "1.2.9", true},
		{"~> 1.2.3", "1.3.0", false},
	} {
		list, err := parseConstraint(tt.constraint)
		v, ok := parseVersion(tt.version)
		if err != nil || !ok {
			t.Errorf("%s, %s: %v, %v", tt.constraint, tt.version, err, ok)
			continue
		}
		met := true
		for _, c := range list {
			met = met && c.met(v)
		}
		if met != tt.want {
			t.Errorf("%s meets %q: %v, want %v", tt.version, tt.constraint, met, tt.want)
		}
	}
	for _, bad := range []string{"", "latest", ">>1", ">= 1.x", "1.2.3.4", ">= -1"} {
		if _, err := parseConstraint(bad); err == nil {
			t.Errorf("parseConstraint(%q) is no error", bad)
		}
	}
}

func TestCyclesOrder(t *testing.T) {
	t.Parallel()
	_, order := cycles([]edge{{from: "a", to: "c"}, {from: "b", to: "a"}, {from: "c", to: "d"}, {from: "b", to: "d"}, {from: "e", to: "f"}, {from: "f", to: "e"}})
	if diff := cmp.Diff([]string{"d", "c", "a", "b", "f", "e"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
