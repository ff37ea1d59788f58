package view_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"github.com/waybill-dev/waybill/plan"
)

// largestPage is what no page exceeds.
const largestPage = 10_000_000

// read parses a page and reports where it is too large, asks for anything that is
// not in it, or has a style or a script that its policy does not allow.
func read(t *testing.T, page []byte) *nethtml.Node {
	t.Helper()
	if len(page) > largestPage {
		t.Fatalf("%d bytes", len(page))
	}
	root, err := nethtml.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	policy := ""
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != nethtml.ElementNode {
			continue
		}
		if slices.Contains([]string{"img", "link", "iframe", "object", "embed", "base", "form", "audio", "video", "image", "use", "foreignObject"}, n.Data) {
			t.Fatalf("an element %s", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "content" && strings.Contains(a.Val, "default-src"):
				policy = a.Val
			case a.Key == "id" && ids[a.Val]:
				t.Fatalf("two elements have the id %q", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "style" || a.Key == "src" || strings.HasPrefix(a.Key, "on"), a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				t.Fatalf("an attribute %s = %q of %s", a.Key, a.Val, n.Data)
			}
		}
		if n.Data == "style" && n.Namespace == "" || n.Data == "script" {
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if !strings.Contains(policy, n.Data+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Fatalf("the policy %s does not allow the %s", policy, n.Data)
			}
		}
	}
	return root
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		root := read(t, page(t, plan.Make(c.in())))
		for n := range root.Descendants() {
			if n.Data != "svg" || !slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == "role" && a.Val == "img" }) {
				continue
			}
			if !slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == "aria-label" && a.Val != "" }) {
				t.Errorf("%s: a drawing without a name", c.name)
			}
		}
	}
}

// A page has what a name is called as text, and as nothing else.
func TestPageTakesNamesAsTheyAre(t *testing.T) {
	t.Parallel()
	root := read(t, page(t, hostilePlan()))
	found := false
	for n := range root.Descendants() {
		found = found || n.Type == nethtml.TextNode && strings.Contains(n.Data, "<img src=x onerror=alert(1)>")
	}
	if !found {
		t.Error("the name is not on the page")
	}
}

// However large the plan, the page stays one that a browser opens, and says how
// much it leaves out.
func TestPageOfManyGroups(t *testing.T) {
	t.Parallel()
	out := page(t, crowd())
	read(t, out)
	for _, want := range []string{"2,000 runs vanish", "and 700 more groups; see waybill plan --json", "brand_0999"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("no %q in %d bytes", want, len(out))
		}
	}
}

func FuzzHTML(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var p plan.Plan
		if json.Unmarshal(data, &p) == nil {
			read(t, page(t, &p))
		}
	})
}
