package graph_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		".":                       nil,
		"items":                   {"items"},
		"data.items":              {"data", "items"},
		"data[0].items":           {"data", "0", "items"},
		"data.0.items":            {"data", "0", "items"},
		`data["next.page"]`:       {"data", "next.page"},
		`["@odata.nextLink"]`:     {"@odata.nextLink"},
		`["a\"]b"].c`:             {`a"]b`, "c"},
		"@iot.count":              {"@iot", "count"},
		`données.élémentsÜ["日本"]`: {"données", "élémentsÜ", "日本"},
	} {
		got, err := graph.ParsePath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", ".a", "a.", "a..b", "a[", "a[]", "a[x]", `a["x`, `a["x"`, `a["x"]b`, "$.items", "a b", "items[*]", "a.[0]"} {
		if path, err := graph.ParsePath(text); err == nil {
			t.Errorf("%q is taken for %q", text, path)
		}
	}
}

// TestRestAPIOfAnOlderRelease loads what a deployment stored before a rest_api
// was more than a request.
func TestRestAPIOfAnOlderRelease(t *testing.T) {
	t.Parallel()
	var c graph.Courier
	err := json.Unmarshal([]byte(`{"address": "courier.crm", "rest_api": {"method": "GET", "url": [{"literal": "https://x/"}], "expect_status": [200]}, "ready": {}}`), &c)
	if err != nil {
		t.Fatal(err)
	}
	want := &graph.RestAPI{HTTP: graph.HTTP{Method: "GET", URL: graph.Text("https://x/"), ExpectStatus: []int{200}}}
	if diff := cmp.Diff(want, c.RestAPI); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
