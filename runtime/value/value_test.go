package value_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/value"
)

func ref(name string) graph.Value { return graph.Value{{Ref: name}} }

func resolver(t *testing.T) *value.Resolver {
	t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("s3cr&t \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hook"), []byte("https://hooks.example.com/a?b=c d\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(h int) time.Time { return time.Date(2026, 11, 22, h, 0, 0, 123, time.UTC) }
	return &value.Resolver{
		Secrets: value.NewSecrets(dir, []graph.Secret{{Name: "token", File: "token"}, {Name: "hook", File: filepath.Join(dir, "hook")}}, &value.Redactor{}),
		Zone:    zone,
		Run: value.Run{
			ID: "courier_group.daily@2026-11-22T21:00:00Z", Group: "courier_group.daily", ScheduledAt: at(21), StartedAt: at(22),
			Range: window.Range{Start: at(1), End: at(21)}, Dates: []string{"2026-11-21", "2026-11-22"}, Landing: "landing/daily/_runs/x.json",
		},
		Range: window.Range{Start: at(0), End: at(20)},
		Response: &value.Response{
			Status: 201, Headers: http.Header{"X-Job-Id": {"j/1"}}, Body: []byte(`{
				"job_id": "a/b ü", "big": 9007199254740993, "pi": 3.10, "ok": true, "none": null, "when": "2026-11-22T21:00:00Z",
				"items": [{"id": 7}, {"id": 8}], "a.b": {"c": 1}}`),
		},
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	v := resolver(t)
	for _, test := range []struct {
		name, text, url, json string // url and json are of "x" and the reference
	}{
		{"run.id", "courier_group.daily@2026-11-22T21:00:00Z", "courier_group.daily%402026-11-22T21%3A00%3A00Z", ""},
		{"run.group", "courier_group.daily", "", ""},
		{"run.scheduled_at", "2026-11-22T13:00:00-08:00", "2026-11-22T13%3A00%3A00-08%3A00", ""},
		{"run.started_at", "2026-11-22T14:00:00-08:00", "", ""},
		{"run.range_start", "2026-11-21T17:00:00-08:00", "", ""},
		{"run.range_end", "2026-11-22T13:00:00-08:00", "", ""},
		{"run.dates", "2026-11-21,2026-11-22", "2026-11-21%2C2026-11-22", ""},
		{"run.landing", "landing/daily/_runs/x.json", "landing%2Fdaily%2F_runs%2Fx.json", ""},
		{"range.start", "2026-11-21T16:00:00-08:00", "", ""},
		{"range.end", "2026-11-22T12:00:00-08:00", "", ""},
		{"secret.token", `s3cr&t "x"`, "s3cr%26t%20%22x%22", `s3cr&t \"x\"`},
		{"response.status", "201", "", ""},
		{"response.headers.x-job-id", "j/1", "j%2F1", ""},
		{`response.headers["X-Job-Id"]`, "j/1", "", ""},
		{"response.json.job_id", "a/b ü", "a%2Fb%20%C3%BC", "a/b ü"},
		{"response.json.big", "9007199254740993", "", ""},
		{"response.json.pi", "3.10", "", ""},
		{"response.json.ok", "true", "", ""},
		{"response.json.items[1].id", "8", "", ""},
		{"response.json.items.0.id", "7", "", ""},
		{"response.json.items[0]", `{"id":7}`, "%7B%22id%22%3A7%7D", `{\"id\":7}`},
		{`response.json["a.b"].c`, "1", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text, err := v.Text(ref(test.name))
			if err != nil || text != test.text {
				t.Errorf("Text: %q %v", text, err)
			}
			x := graph.Value{{Literal: "x"}, {Ref: test.name}}
			if got, err := v.URL(x); err != nil || test.url != "" && got != "x"+test.url {
				t.Errorf("URL: %q %v", got, err)
			}
			if got, err := v.JSON(x); err != nil || test.json != "" && got != "x"+test.json {
				t.Errorf("JSON: %q %v", got, err)
			}
		})
	}
	if got, err := v.URL(graph.Value{{Ref: "secret.hook"}, {Literal: "&e="}, {Ref: "response.json.job_id"}}); err != nil || got != "https://hooks.example.com/a?b=c d&e=a%2Fb%20%C3%BC" {
		t.Errorf("a URL that is a secret: %q %v", got, err)
	}
	if got, err := v.Text(nil); got != "" || err != nil {
		t.Errorf("nil: %q %v", got, err)
	}
}

func TestFormatDate(t *testing.T) {
	t.Parallel()
	v := resolver(t)
	for _, test := range []struct {
		ref, format, want string
		fault             value.Fault
	}{
		{"range.start", "YYYYMMDD", "20261121", ""},
		{"run.scheduled_at", "DD MMM YYYY hh:mm ZZZ 'at'", "22 Nov 2026 13:00 -0800 at", ""},
		{"response.json.when", "YYYY", "2026", ""},
		{"range.start", "'open", "", value.Misconfigured},
		{"run.id", "YYYY", "", value.Misconfigured},
	} {
		got, err := v.Text(graph.Value{{Ref: test.ref, Format: test.format}})
		if got != test.want || value.FaultOf(err) != test.fault {
			t.Errorf("%s as %s: %q %v", test.ref, test.format, got, err)
		}
	}
	v.Run.ScheduledAt, v.Zone = time.Time{}, nil
	if got, err := v.Text(graph.Value{{Ref: "run.scheduled_at", Format: "YYYY"}}); got != "" || err != nil {
		t.Errorf("no time: %q %v", got, err)
	}
	if got := v.Time(v.Run.StartedAt); got != "2026-11-22T22:00:00Z" {
		t.Errorf("no zone: %q", got)
	}
}

func TestResolveFaults(t *testing.T) {
	t.Parallel()
	v := resolver(t)
	bare := &value.Resolver{}
	for _, test := range []struct {
		v     *value.Resolver
		ref   string
		fault value.Fault
		says  string
	}{
		{v, "run.shoe_size", value.Misconfigured, "does not know"},
		{v, "range.middle", value.Misconfigured, "does not know"},
		{v, "moon.phase", value.Misconfigured, "does not know"},
		{v, "secret.nobody", value.Misconfigured, "read secret nobody: no secret of that name is declared"},
		{bare, "secret.nobody", value.Misconfigured, "no secret is declared"},
		{bare, "response.status", value.Misconfigured, "no answer to read"},
		{v, "response.nothing", value.Misconfigured, "response.json.PATH"},
		{v, "response.json.items[", value.Misconfigured, "not closed"},
		{v, "response.json.jobid", value.Failed, `has no "jobid" there; it has a.b, big, items, job_id`},
		{v, "response.json.items.9", value.Failed, "a list of 2"},
		{v, "response.json.ok.deeper", value.Failed, "a single value"},
		{v, "response.json.none", value.Failed, "it is null"},
		{v, "response.headers.X-Other", value.Failed, "it has X-Job-Id"},
		{v.WithResponse(value.Response{Body: []byte("<html>")}), "response.json.x", value.Failed, "not JSON"},
		{v.WithResponse(value.Response{Body: []byte("{}"), Truncated: true}), "response.json.x", value.Failed, "too long"},
	} {
		_, err := test.v.Text(ref(test.ref))
		if value.FaultOf(err) != test.fault || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %s: %v", test.ref, value.FaultOf(err), err)
		}
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	v := resolver(t)
	argv, env, err := v.Command(&graph.Exec{
		Command:     []graph.Value{graph.Text("fetch"), {{Literal: "--from="}, {Ref: "range.start", Format: "YYYY"}}, graph.Text("a b; rm")},
		Environment: map[string]graph.Value{"TOKEN": ref("secret.token")},
	})
	if diff := cmp.Diff([]string{"fetch", "--from=2026", "a b; rm"}, argv); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff(map[string]string{"TOKEN": `s3cr&t "x"`}, env); diff != "" {
		t.Error(diff)
	}
	for _, e := range []graph.Exec{
		{Command: []graph.Value{ref("run.x")}},
		{Command: []graph.Value{graph.Text("x")}, Environment: map[string]graph.Value{"TOKEN": ref("secret.x")}},
	} {
		if _, _, err := v.Command(&e); value.FaultOf(err) != value.Misconfigured {
			t.Errorf("error %v", err)
		}
	}
}
