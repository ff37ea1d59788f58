package server_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/server"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

var openapi = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(server.Document()) })

func openAPI(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestRoutesAreDocumented holds the table of routes and the document together.
func TestRoutesAreDocumented(t *testing.T) {
	t.Parallel()
	doc := openAPI(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Errorf("the document is not sound: %v", err)
	}
	var written, served []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			written = append(written, method+" "+path+" "+op.OperationID)
		}
	}
	for _, r := range server.Routes() {
		served = append(served, strings.Join(r[:], " "))
	}
	slices.Sort(written)
	slices.Sort(served)
	if diff := cmp.Diff(served, written); diff != "" {
		t.Errorf("routes that are served (-), that are in openapi.json (+):\n%s", diff)
	}
}

// TestSchemasAreTheTypes holds the schemas and the documents in Go together.
func TestSchemasAreTheTypes(t *testing.T) {
	t.Parallel()
	types := map[string]any{
		"Health": api.Health{}, "Release": api.Release{}, "Problem": api.Problem{}, "Runs": api.Runs{}, "Holder": api.Holder{},
		"Groups": api.Groups{}, "Group": api.Group{}, "Incidents": api.Incidents{}, "Incident": api.Incident{},
		"Alerts": api.Alerts{}, "AlertStanding": store.AlertStanding{},
		"Process": store.Holder{}, "Run": store.Run{}, "Detail": store.Detail{}, "Task": store.Task{}, "Poll": store.Poll{},
		"Landing": store.Landing{}, "Event": store.Event{}, "Command": store.Command{}, "Progress": runtime.Progress{},
		"Deployment": graph.Deployment{}, "ZoneSpans": graph.ZoneSpans{}, "ZoneChange": graph.ZoneChange{}, "Standing": graph.Standing{},
		"Watermark": graph.Watermark{}, "Pause": graph.Pause{}, "OpenRun": graph.OpenRun{}, "Transfer": graph.Transfer{}, "Expected": graph.Expected{},
		"Facts": graph.Facts{}, "QueuedRun": graph.QueuedRun{}, "CourierFacts": graph.CourierFacts{}, "SourceObject": graph.Object{},
		"SourceManifest": graph.Manifest{}, "ListedFile": graph.ListedFile{},
		"LandedVersion": graph.Landing{}, "StepFacts": graph.StepFacts{},
		"RunRequest": struct {
			Group string `json:"group"`
			runtime.RunArgs
		}{},
		"BackfillRequest": runtime.BackfillArgs{}, "AdvanceRequest": runtime.AdvanceArgs{}, "Waiver": store.Waiver{}, "Why": why.Explanation{}, "LogPage": runtime.LogPage{}, "LogLine": runtime.LogLine{},
		"WhyCommand": why.Command{}, "WhyCourier": why.Courier{},
		"SkipRequest": struct {
			Task   string `json:"task"`
			Reason string `json:"reason"`
		}{},
		"IgnoreRequest": struct {
			Courier string `json:"courier,omitempty"`
			Reason  string `json:"reason,omitempty"`
		}{}, "Nothing": struct{}{},
	}
	loose := []string{"Graph", "RunState", "TaskState"} // one has a format of its own, two are texts
	for name, schema := range openAPI(t).Components.Schemas {
		if slices.Contains(loose, name) {
			continue
		}
		value, ok := types[name]
		if !ok {
			t.Errorf("the schema %s is of no type; give it a row in this test", name)
			continue
		}
		all, always := fieldsOf(reflect.TypeOf(value))
		var written []string
		for property := range schema.Value.Properties {
			written = append(written, property)
		}
		required := slices.Sorted(slices.Values(schema.Value.Required))
		slices.Sort(written)
		if diff := cmp.Diff(all, written); diff != "" {
			t.Errorf("%s: fields of the type (-), of the schema (+):\n%s", name, diff)
		}
		if diff := cmp.Diff(always, required); diff != "" {
			t.Errorf("%s: fields that are always there (-), that the schema requires (+):\n%s", name, diff)
		}
	}
}

// TestStatesAreTheMachines holds the words for states to the tables that runs and
// tasks go by.
func TestStatesAreTheMachines(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*store.Machine{"RunState": store.RunMachine(), "TaskState": store.TaskMachine()} {
		var written []string
		for _, word := range openAPI(t).Components.Schemas[name].Value.Enum {
			written = append(written, fmt.Sprint(word))
		}
		slices.Sort(written)
		if diff := cmp.Diff(slices.Sorted(slices.Values(m.Names())), written); diff != "" {
			t.Errorf("%s: states of the table (-), of the document (+):\n%s", name, diff)
		}
	}
}

// fieldsOf is the names of a type's fields in JSON, and of those that are never
// left out, sorted.
func fieldsOf(t reflect.Type) (all, always []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			more, required := fieldsOf(f.Type)
			all, always = append(all, more...), append(always, required...)
		case !strings.Contains(options, "omit"):
			always = append(always, name)
			fallthrough
		default:
			all = append(all, name)
		}
	}
	slices.Sort(all)
	slices.Sort(always)
	return all, always
}

// checked is a handler whose every answer is held to the document.
func checked(t *testing.T, h http.Handler) http.Handler {
	t.Helper()
	doc := openAPI(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := httptest.NewRecorder()
		h.ServeHTTP(kept, r)
		checkAnswer(t, doc, r, kept.Result())
		for name, values := range kept.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	})
}

func checkAnswer(t *testing.T, doc *openapi3.T, r *http.Request, answer *http.Response) {
	if r.Method == http.MethodHead { // OpenAPI has it with GET
		return
	}
	text := io.Reader(answer.Body)
	if answer.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(text)
		if err != nil {
			t.Error(err)
			return
		}
		text = plain
	}
	body, err := io.ReadAll(text)
	if err != nil {
		t.Error(err)
	}
	responses := openapi3.NewResponses()
	if item := doc.Paths.Value(r.Pattern); item != nil && item.GetOperation(r.Method) != nil {
		responses = item.GetOperation(r.Method).Responses
	}
	response := responses.Status(answer.StatusCode)
	if response == nil && answer.StatusCode >= 400 {
		response = doc.Components.Responses["Problem"]
	}
	if response == nil {
		t.Errorf("%s %s: the document has no answer %d", r.Method, r.URL, answer.StatusCode)
		return
	}
	if len(response.Value.Content) == 0 {
		if len(body) > 0 {
			t.Errorf("%s %s: answer %d has a body", r.Method, r.URL, answer.StatusCode)
		}
		return
	}
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	content := response.Value.Content[kind]
	if content == nil {
		t.Errorf("%s %s: answer %d is %q", r.Method, r.URL, answer.StatusCode, kind)
		return
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return
	}
	if err := content.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s %s: answer %d is not what the document says: %v\n%s", r.Method, r.URL, answer.StatusCode, err, body)
	}
}
