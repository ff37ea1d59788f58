package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
)

// hostile is a graph whose texts mean something in every language of drawings.
func hostile() *graph.Graph {
	name := "end\"]<b>#;`*_&\\n\n|{}%%日本"
	courier, process := graph.Addr("courier."+name), graph.Addr("process."+name)
	return &graph.Graph{
		Couriers:  []graph.Courier{{Addr: courier, Exec: &graph.Exec{}}},
		Processes: []graph.Step{{Addr: process, Exec: &graph.Exec{}}},
		Groups: []graph.Group{
			{Addr: "courier_group.a", Schedule: "* * * * *", Active: true, Timezone: "UTC", RunType: graph.RunFull,
				Members:   []graph.Member{{Name: `feed["us"]`, Courier: courier}, {Name: name, Courier: courier}},
				Processes: []graph.Addr{process}},
			{Addr: graph.Addr("courier_group." + name), After: []graph.After{{Name: name, Group: "courier_group.a", Gate: "down|\"stream"}}},
		},
	}
}

// Each line of a drawing is one of the few forms that its language is used with,
// whatever the texts are.
func TestDrawingsEscape(t *testing.T) {
	t.Parallel()
	d, err := drawing(hostile(), "")
	if err != nil {
		t.Fatal(err)
	}
	const dotQuoted = `"([^"\\]|\\\\|\\"|\\n)*"`
	const mermaidQuoted = `"([\pL\pM\pN .,:/()-]|\w_\w|#\d+;|<br/>)*"`
	for _, c := range []struct{ text, line string }{
		{d.dot(), `digraph waybill \{|  \w+=(\w+|"Helvetica")|  (node|edge) \[fontname="Helvetica", fontsize=\d+\]|` +
			`|  subgraph cluster_\d+ \{|    (label=` + dotQuoted + `|style=rounded)|` +
			`    [gn]\d+ \[shape=\w+(, style=invis)?(, margin="[\d.,]+")?, label=` + dotQuoted + `\]|    n\d+ -> n\d+|  \}|\}|` +
			`  [gn]\d+ -> [gn]\d+ \[ltail=cluster_\d+, lhead=cluster_\d+, style=dashed, label=` + dotQuoted + `\]`},
		{d.mermaid(), regexp.QuoteMeta(strings.TrimSuffix(mermaidHead, "\nflowchart LR\n")) + `|flowchart LR|  subgraph g\d+\[` + mermaidQuoted + `\]|  g\d+\[` + mermaidQuoted + `\]|` +
			`    n\d+(\[\(|\{\{|\[|\(\[)` + mermaidQuoted + `(\)\]|\}\}|\]|\]\))|    n\d+\(\(" "\)\)|    n\d+ --> n\d+|  end|` +
			`  g\d+ -\.->\|` + mermaidQuoted + `\| g\d+`},
	} {
		form := regexp.MustCompile(`^(` + c.line + `)$`)
		for line := range strings.SplitSeq(strings.TrimSuffix(c.text, "\n"), "\n") {
			if !form.MatchString(line) {
				t.Errorf("this line is none of the known forms: %q", line)
			}
		}
		if strings.Count(c.text, "日本") < 4 {
			t.Errorf("letters were lost:\n%s", c.text)
		}
	}
}

// Where several couriers come before several processes they meet in one point.
func TestDrawingsMeetInAPoint(t *testing.T) {
	t.Parallel()
	d := &diagram{}
	b := &box{}
	d.nodes = 5
	d.join(b, []int{1, 2, 3}, []int{4, 5})
	if len(b.edges) != 5 || len(b.nodes) != 1 {
		t.Errorf("%d edges and %d points, want 5 and 1", len(b.edges), len(b.nodes))
	}
}
