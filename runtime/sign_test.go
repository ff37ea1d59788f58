package runtime_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// step gives the daily group an activation that posts to a server.
func step(address string) func(*graph.Graph) {
	return func(g *graph.Graph) {
		s := program("activation.mail.send")
		s.Exec, s.HTTP = nil, &graph.HTTP{Method: http.MethodPost, URL: graph.Text(address)}
		s.OnUnknown, s.Retry.Attempts = graph.OnUnknownHold, 1
		g.Activations, g.Groups[0].Activations = []graph.Step{s}, []graph.Addr{s.Addr}
	}
}

// TestMessages compares what alerts say of each cause with a golden file.
func TestMessages(t *testing.T) {
	group := func(change func(*graph.Group)) func(*graph.Graph) {
		return func(g *graph.Graph) { change(&g.Groups[0]) }
	}
	for name, c := range map[string]struct {
		change func(*graph.Graph)
		file   bool   // the first run's is there
		from   string // when somebody begins to serve
		until  string
		then   string // a command on the first run, in the end
	}{
		"missing, the run stops": {until: "2000-01-01T14:30:00Z"},
		"missing, the run goes on": {until: "2000-01-01T14:30:00Z", change: group(func(g *graph.Group) {
			g.Members[0].OnMissing = graph.OnMissingContinue
		})},
		"missing, and nobody is told of that": {until: "2000-01-01T14:30:00Z", change: group(func(g *graph.Group) { g.Members[0].NotifyMissing = false })},
		"another group is missing": {until: "2000-01-01T16:30:00Z", file: true, change: func(g *graph.Graph) {
			twoGroups(g)
			other := g.Couriers[0]
			other.Addr, other.Filedrop = "courier.other", &graph.Filedrop{URL: graph.Text(".")}
			g.Couriers, g.Groups[1].Members[0].Courier = append(g.Couriers, other), other.Addr
		}},
		"no source": {until: "2000-01-01T14:30:00Z", change: func(g *graph.Graph) {
			g.Couriers[0].Filedrop.URL = graph.Text("nowhere")
		}},
		"misconfigured": {until: "2000-01-01T14:30:00Z", change: func(g *graph.Graph) {
			g.Couriers[0].Filedrop.URL = graph.Value{{Ref: "secret.absent"}}
		}},
		"a step fails":  {until: "2000-01-01T14:30:00Z", file: true, change: step("/refuse")},
		"a step hangs":  {until: "2000-01-01T14:30:00Z", file: true, change: step("/cut")},
		"slow":          {until: "2000-01-01T13:30:00Z", change: group(func(g *graph.Group) { g.RuntimeAlert = hours(1) / 4 })},
		"not in time":   {until: "2000-01-01T13:30:00Z", change: group(func(g *graph.Group) { g.SLA = hours(1) / 4 })},
		"not started":   {from: "2000-01-01T16:00:00Z", until: "2000-01-01T16:30:00Z", file: true},
		"blocked":       {from: "2000-01-09T16:00:00Z", until: "2000-01-09T16:30:00Z", change: group(func(g *graph.Group) { g.MaxRange = hours(24) * 3 })},
		"succeeded":     {until: "2000-01-01T14:30:00Z", file: true},
		"stopped":       {until: "2000-01-01T13:10:00Z", then: store.VerbStop},
		"tried again":   {until: "2000-01-01T14:30:00Z", then: store.VerbRetry},
		"skipped, held": {until: "2000-01-01T14:30:00Z", file: true, change: step("/cut"), then: store.VerbSkip},
	} {
		t.Run(name, func(t *testing.T) {
			inWorldWithHook(t, func(w *world, h *hook) {
				h.Config.Handler = steps(h.Config.Handler)
				changes := []func(*graph.Graph){telling(h, everything...)}
				if c.change != nil {
					changes = append(changes, c.change)
				}
				g := orders(changes...)
				for i := range g.Activations { // whose server is known only now
					g.Activations[i].HTTP.URL = graph.Text(h.URL + g.Activations[i].HTTP.URL.String())
				}
				w.deploy(g)
				if c.file {
					w.drop("drop/orders-2000-01-01.csv", "1")
				}
				if c.from != "" {
					w.sleepUntil(c.from)
				}
				defer w.serve()()
				w.sleepUntil(c.until)
				if c.then != "" {
					w.drop("drop/orders-2000-01-01.csv", "1")
					args := `{"run":"courier_group.daily@2000-01-01T13:00:00Z","task":"activation.mail.send","reason":"it was sent"}`
					if _, err := w.runtime.Send(w.ctx, command(c.then, args)); err != nil {
						t.Fatal(err)
					}
					w.sleep(10 * time.Minute)
				}
				w.golden("messages/"+strings.NewReplacer(" ", "_", ",", "").Replace(name)+".txt", strings.NewReplacer(h.host(t), "HOST", w.dir, "DIR").Replace(h.text()))
			})
		})
	}
}

// steps answers what steps post, and passes on what alerts do.
func steps(alerts http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // an open one would hold up the fake clock
		switch r.URL.Path {
		case "/cut":
			panic(http.ErrAbortHandler)
		case "/refuse":
			w.WriteHeader(http.StatusBadRequest)
		default:
			alerts.ServeHTTP(w, r)
		}
	})
}

func (h *hook) host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// text is everything that was sent, as people read it.
func (h *hook) text() string {
	var b strings.Builder
	for _, m := range h.all() {
		fmt.Fprintf(&b, "%s %s %s (%s)\n%s\n%s\n", m.At.Truncate(5*time.Minute).Format("01-02 15:04"), m.Phase, m.Event, m.Incident, m.Title, m.Text)
		for _, n := range m.Names {
			b.WriteString("  " + n + "\n")
		}
		if m.Command != "" {
			b.WriteString(m.When + ": " + m.Command + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}
