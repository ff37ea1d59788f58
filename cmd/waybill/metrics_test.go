package main

import (
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// own has connections that no other test closes: those of the default client are,
// whenever a test closes its server.
var own = &http.Client{Transport: &http.Transport{}}

// scraped is what Prometheus is told at an address.
func scraped(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := own.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s %v", answer.StatusCode, text, err)
	}
	return string(text)
}

// TestMetrics runs a group in a process that is scraped, and has Prometheus' own
// tool check what it says.
func TestMetrics(t *testing.T) {
	t.Parallel()
	dir := appliedWorkspace(t, map[string]string{"main.hcl": patient, "inbox/orders-2026-11-20.csv": "a\n1\n"})
	serve := start(t, "serve", dir, "--metrics", "127.0.0.1:0", "--log-format", "json")
	serve.await(`"@message":"serving"`)
	_, address, _ := strings.Cut(serve.output.String(), "Metrics on ")
	address, _, _ = strings.Cut(address, "\n")
	scraped(t, address) // from here on the group is known
	must(t, exitOK, "run", "daily", dir, "--date", "2026-11-20")
	serve.await(`"@message":"ended"`)
	text := scraped(t, address)
	for _, line := range []string{
		`waybill_runs_ended_total{group="courier_group.daily",state="succeeded"} 1`,
		`waybill_landed_bytes_total{courier="orders",group="courier_group.daily"} 4`,
		`waybill_polls_total{courier="orders",group="courier_group.daily"} 1`,
		`waybill_lease_held 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("there is no %s in\n%s", line, text)
		}
	}
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if said, err := check.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, said)
	}
}

func TestAlertRules(t *testing.T) {
	t.Parallel()
	rules := filepath.Join("..", "..", "docs", "operations", "prometheus", "waybill.rules")
	for _, args := range [][]string{{"check", "rules", rules + ".yml"}, {"test", "rules", rules + ".test.yml"}} {
		if said, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}
