package view_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
	"github.com/waybill-dev/waybill/plan/view"
)

// hostile is a name that tries everything.
const hostile = "x</details></summary>\n```\n# <img src=x onerror=alert(1)> @octocat #1 !2 `@a` [a](https://evil.example) www.evil.example <!-- --> $x$ \u202e"

// A courier, a group or a file can be called what it likes: it adds no markup,
// links to nothing and mentions nobody.
func TestMarkdownTakesNamesAsTheyAre(t *testing.T) {
	t.Parallel()
	rendered(t, markdown(t, hostilePlan()))
}

// hostilePlan has hostile names wherever a plan has names.
func hostilePlan() *plan.Plan {
	p := plan.Make(review())
	addr := graph.Addr("courier_group." + hostile)
	p.Tool, p.Base.AppliedBy = hostile, hostile
	p.Groups[0].Group, p.Groups[0].Notes, p.Groups[0].State = addr, []string{hostile}, plan.Paused
	for i := range p.Runs {
		p.Runs[i].Group = addr
		for j := range p.Runs[i].Couriers {
			c := &p.Runs[i].Couriers[j]
			c.Name, c.FileDetails = hostile, []plan.FileDetail{{File: hostile, Name: hostile}}
		}
	}
	for i := range p.Changes {
		p.Changes[i].Address = graph.Addr(hostile)
	}
	for i := range p.Consequences {
		q := &p.Consequences[i]
		q.Group, q.From = addr, addr
		q.Held = append(q.Held, hostile)
		q.Twice = append(q.Twice, plan.Handover{Name: hostile, Files: []string{hostile}})
	}
	p.Diagnostics = append(p.Diagnostics, diag.Diagnostic{Code: hostile, Severity: diag.Warning, Summary: hostile, Detail: hostile + "\n\n" + hostile,
		Range: &diag.Range{Filename: hostile}})
	return p
}

// drawn is the elements that a comment may make.
var drawn = []string{"html", "head", "body", "h2", "h3", "p", "ul", "li", "strong", "sub", "details", "summary", "pre", "code"}

// rendered renders a comment as GitHub does and reports where it is too long, has
// an element that is not of ours, or text that would become a link or a mention.
func rendered(t *testing.T, comment []byte) {
	t.Helper()
	if len(comment) > view.MarkdownLimit || !bytes.HasPrefix(comment, []byte(view.MarkdownMarker("etl")+"\n")) {
		t.Fatalf("%d bytes: %.80q", len(comment), comment)
	}
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert(comment, &page); err != nil {
		t.Fatal(err)
	}
	if a, b := strings.Count(page.String(), "<details>"), strings.Count(page.String(), "</details>"); a != b {
		t.Fatalf("%d <details>, %d </details>\n%s", a, b, comment)
	}
	root, err := nethtml.Parse(&page)
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		switch {
		case n.Type == nethtml.ElementNode && !slices.Contains(drawn, n.Data):
			t.Fatalf("an element %s of %v\n%s", n.Data, n.Attr, comment)
		case n.Type == nethtml.TextNode && linking.MatchString(n.Data) && !within(n, "code"):
			t.Fatalf("%q links\n%s", linking.FindString(n.Data), comment)
		case n.Type == nethtml.CommentNode && n.Data != " waybill plan of etl ":
			t.Fatalf("a comment %q", n.Data)
		}
	}
}

// linking is what GitHub or GitLab makes a link of.
var linking = regexp.MustCompile(`[@#!%~][0-9A-Za-z]|://|www\.\w`)

func within(n *nethtml.Node, element string) bool {
	for a := range n.Ancestors() {
		if a.Data == element {
			return true
		}
	}
	return false
}

// However large the plan, the comment has the summary, the consequences that
// matter and how much it leaves out.
func TestMarkdownOfManyGroups(t *testing.T) {
	t.Parallel()
	out := string(markdown(t, crowd()))
	rendered(t, []byte(out))
	for _, want := range []string{"Plan: 1 to add, 1,000 to change", "vanish", "more groups; see `waybill plan`", "more blocks; see `waybill plan`"} {
		if want = strings.ReplaceAll(want, "1,000", "1000"); !strings.Contains(out, want) {
			t.Errorf("no %q in\n%.3000s", want, out)
		}
	}
	if len(out) < view.MarkdownLimit/2 {
		t.Errorf("only %d bytes", len(out))
	}
}

// crowd is a plan that changes the schedules of a thousand groups.
var crowd = sync.OnceValue(func() *plan.Plan {
	make := func(schedule string) *graph.Graph {
		return workspace(func(g *graph.Graph) {
			g.Couriers = []graph.Courier{filedrop("orders", "s3://acme-drop/orders", file("orders", "orders-{yyyy}-{MM}-{dd}.csv"))}
			for i := range 1000 {
				g.Groups = append(g.Groups, group(fmt.Sprintf("brand_%04d", i), schedule, "UTC", member("orders", hours(1), graph.Offset{})))
			}
		})
	}
	after := make("0 13 * * 1-5")
	after.Couriers = append(after.Couriers, rest("crm", "https://crm.example.com"))
	in := input(applied(make("0 13 * * *")), after, "2026-11-20T22:00:00Z")
	in.Horizon = 72 * time.Hour
	return plan.Make(in)
})

func FuzzMarkdown(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var p plan.Plan
		if json.Unmarshal(data, &p) == nil {
			rendered(t, markdown(t, &p))
		}
	})
}
