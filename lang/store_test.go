package lang_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
)

// Where a workspace is applied is known in spite of errors, or known not to be.
func TestLoadRuntimeDespiteErrors(t *testing.T) {
	t.Parallel()
	const broken = "courier_group \"daily\" {\n  schedule = \"0 6 * * *\n"
	usual, custom := &graph.Runtime{Path: ".waybill"}, &graph.Runtime{Path: "custom"}
	for name, tt := range map[string]struct {
		files map[string]string
		want  *graph.Runtime
	}{
		"no block":         {map[string]string{"a.hcl": "process \"x\" {}\n"}, usual},
		"a wrong group":    {map[string]string{"a.hcl": "waybill {\n  runtime { path = \"custom\" }\n}\n", "b.hcl": "process \"x\" {}\n"}, custom},
		"an unread file":   {map[string]string{"a.hcl": "waybill {\n  runtime { path = \"custom\" }\n}\n", "b.hcl": broken}, custom},
		"the same file":    {map[string]string{"a.hcl": "waybill {\n  runtime { path = \"custom\" }\n}\n" + broken}, custom},
		"no block to read": {map[string]string{"a.hcl": broken}, usual},
		"a local value":    {map[string]string{"a.hcl": "locals {\n  p = \"custom\"\n}\nwaybill {\n  runtime { path = local.p }\n}\nprocess \"x\" {}\n"}, custom},
		"an unknown value": {map[string]string{"a.hcl": "waybill {\n  runtime { path = var.p }\n}\n"}, nil},
		"a number of them": {map[string]string{"a.hcl": "waybill {\n  runtime { path = [1] }\n}\n"}, nil},
		"a misspelt block": {map[string]string{"a.hcl": "waybil {\n  runtime { path = \"custom\" }\n}\n"}, custom},
		"a misspelt path":  {map[string]string{"a.hcl": "waybill {\n  runtime { pat = \"custom\" }\n}\n"}, nil},
		"an unknown url":   {map[string]string{"a.hcl": "waybill {\n  runtime {\n    path = \"custom\"\n    url  = var.p\n  }\n}\n"}, nil},
		"a url":            {map[string]string{"a.hcl": "waybill {\n  runtime { url = \"https://x\" }\n}\nprocess \"x\" {}\n"}, &graph.Runtime{Path: ".waybill", URL: "https://x"}},
		"in a broken block": {
			map[string]string{"a.hcl": "waybill {\n  landing = \"x\n  runtime { path = \"custom\" }\n}\n"}, custom},
		"in a broken block, with a remark": {
			map[string]string{"a.hcl": "waybill {\n  landing = \"x\n  # runtime { path = \"old\" }\n  runtime {\n    path = \"custom\" # new\n  }\n}\n"}, custom},
		"in a broken block, with a url": {
			map[string]string{"a.hcl": "waybill {\n  landing = \"x\n  runtime {\n    path = \"custom\"\n    url = \"https://x\"\n  }\n}\n"}, nil},
		"in a broken block, a local value": {
			map[string]string{"a.hcl": "waybill {\n  landing = \"x\n  runtime { path = local.x }\n}\n"}, nil},
		"in a broken block, a part": {
			map[string]string{"a.hcl": "waybill {\n  runtime { path = \"cust\n}\n"}, nil},
		"in two broken blocks": {
			map[string]string{"a.hcl": "waybill {\n  landing = \"x\n  runtime { path = \"a\" }\n  runtime { path = \"b\" }\n}\n"}, nil},
		"in a broken block without a path": {
			map[string]string{"a.hcl": "waybill {\n  landing = \"x\n  runtime {}\n}\n"}, usual},
	} {
		ws, list, err := lang.Load(workspace(t, tt.files), lang.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !list.HasErrors() {
			t.Errorf("%s: there are no errors", name)
		}
		if diff := cmp.Diff(tt.want, ws.Runtime); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}
