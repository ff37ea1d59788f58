package main

import (
	"encoding/json"
	"syscall"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// What a verb prints with --json is what docs/operations/verbs.md says: a document of
// the API. Where it has others in it, those are.
func TestJSONOfVerbs(t *testing.T) {
	t.Parallel()
	api, err := openapi3.NewLoader().LoadFromFile("../../runtime/server/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/orders-2026-11-20.csv": "id\n"})
	is := func(schema string, value any) {
		t.Helper()
		if err := api.Components.Schemas[schema].Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.EnableFormatValidation()); err != nil {
			t.Errorf("it is no %s: %v", schema, err)
		}
	}
	prints := func(args ...string) (value any) {
		t.Helper()
		out, _ := must(t, exitOK, append(args, dir, "--json")...)
		if err := json.Unmarshal([]byte(out), &value); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
		return value
	}
	is("Detail", prints("run", "daily", "--date", "2026-11-20", "--token", "one"))
	is("Detail", prints("show", "daily"))
	is("Runs", prints("runs"))
	is("Why", prints("why", "daily"))
	is("Incidents", prints("incidents"))
	is("Alerts", prints("alert", "list"))
	is("Command", prints("pause", "daily"))
	is("Command", prints("resume", "daily"))
	is("Command", prints("advance", "daily", "--to", "2026-11-20", "--reason", "a test"))
	for _, line := range prints("logs", "daily").(map[string]any)["lines"].([]any) {
		is("LogLine", line)
	}

	serve := start(t, "serve", dir)
	serve.await("serving")
	is("Command", prints("run", "daily", "--date", "2026-11-19", "--token", "two", "--detach"))
	serve.await("late")
	standing := prints("status").(map[string]any)
	is("Process", standing["holder"])
	group := standing["groups"].([]any)[0].(map[string]any)
	is("OpenRun", group["open"].([]any)[0])
	is("Run", group["last_run"])
	is("Incident", standing["incidents"].([]any)[0])
	is("Command", prints("stop", "daily@two"))
	serve.await("ended")
	serve.signal(syscall.SIGTERM)
	serve.end()
}

// A backfill prints a list, also of one piece.
func TestJSONOfBackfill(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": `
courier "orders" {
  filedrop { url = "inbox" }
  file "orders" { pattern = "orders.csv" }
  ready { stable_for = "0s" }
}
courier_group "yearly" {
  schedule = "0 0 1 1 *"
  timezone = "UTC"
  couriers = [courier.orders]
}
`, "inbox/orders.csv": "id\n"})
	out, _ := must(t, exitOK, "backfill", "yearly", dir, "--from", "2025-06-01", "--json")
	var pieces []struct{ Run struct{ Key string } }
	if err := json.Unmarshal([]byte(out), &pieces); err != nil || len(pieces) != 1 || pieces[0].Run.Key == "" {
		t.Errorf("%v: %s", err, out)
	}
}
