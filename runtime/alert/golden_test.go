package alert_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/alert"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares what each kind of alert says in each phase with the files
// of testdata.
func TestGolden(t *testing.T) {
	t.Parallel()
	updated, over, several := missing(), missing(), missing()
	updated.Phase, updated.Runs, updated.At = alert.Updated, 2, updated.At.Add(24*time.Hour)
	over.Phase, over.At = alert.Closed, over.At.Add(90*time.Minute)
	over.Text, over.When, over.Command, over.Names = "orders has landed in daily@2026-11-21T06:00:00Z.", "", "", nil
	several.More, several.Title = 12, `<b>feed["acme"]</b> & co: orders is missing`
	for name, m := range map[string]alert.Message{
		"opened": missing(), "updated": updated, "closed": over, "many": several,
		"digest":         alert.Digest([]alert.Message{missing(), updated, over}),
		"digest_still":   alert.Digest([]alert.Message{missing(), updated}),
		"told":           {Phase: alert.Told, Event: "succeeded", Group: "courier_group.daily", Run: "courier_group.daily@2026-11-21T06:00:00Z", Title: "daily succeeded", Text: "It took 4m12s.", At: missing().At},
		"digest_updates": alert.Digest([]alert.Message{updated, over}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t, answers(http.StatusOK, "ok"))
			a := &graph.Alert{Addr: "alert.slack.data", Type: alert.TypeSlack, Webhook: graph.Text(r.URL)}
			if _, err := alert.NewSender().Send(t.Context(), a, nil, alert.Delivery{ID: "1", Message: m}); err != nil {
				t.Fatal(err)
			}
			var slack any
			if err := json.Unmarshal(r.body[0], &slack); err != nil {
				t.Fatal(err)
			}
			indented, err := json.MarshalIndent(slack, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", m.Plain())
			golden(t, name+".html", m.HTML())
			golden(t, name+".slack.json", string(indented)+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
