package soak_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/alert"
	"github.com/waybill-dev/waybill/runtime/store"
)

const pagerAddr = graph.Addr("alert.webhook.pager")

// pager is who is told of everything. It lives outside of the fake time.
type pager struct {
	*httptest.Server

	mu       sync.Mutex
	status   int
	messages map[string]alert.Message // that it took, by id
	repeated int                      // how many it took once more
}

func newPager(t *testing.T) *pager {
	t.Helper()
	p := &pager{status: http.StatusOK, messages: map[string]alert.Message{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var m alert.Message
		if err := json.Unmarshal(body, &m); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		w.WriteHeader(p.status)
		if p.status != http.StatusOK {
			return
		}
		id := r.Header.Get("Webhook-Id")
		if _, again := p.messages[id]; again {
			p.repeated++
		}
		p.messages[id] = m
	}))
	t.Cleanup(p.Close)
	return p
}

// alert tells the pager of everything there is.
func (p *pager) alert() graph.Alert {
	return graph.Alert{Addr: pagerAddr, Type: "webhook", Webhook: graph.Text(p.URL), On: []string{
		"failed", "missing", "late", "slow", "sla_missed", "not_started", "succeeded", "stopped", "blocked", "held", "source_error", "misconfigured",
	}}
}

func (p *pager) answer(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = status
}

// checkAlerts wants that each incident was told when it began and when it was
// over, once each, and each end of a run that is told of; and that no more
// messages came twice than the process died.
func (h *history) checkAlerts() {
	h.Helper()
	h.pager.mu.Lock()
	defer h.pager.mu.Unlock()
	told, ends := map[string]int{}, map[string]int{}
	for _, m := range h.pager.messages {
		told[m.Incident+" "+string(m.Phase)]++
		if m.Incident == "" { // ends that come together are one message with a line for each
			ends[string(m.Group)+" "+m.Event] += max(1, len(m.Log))
		}
	}
	incidents, err := h.runtime.Incidents(context.Background(), 1_000_000)
	if err != nil {
		h.Fatal(err)
	}
	known := map[string]bool{"": true}
	for _, i := range incidents {
		known[i.Key()] = true
		closed := 0
		if !i.ClosedAt.IsZero() {
			closed = 1
		}
		atOnce := i.OpenedAt.Equal(i.ClosedAt) // it may have been over with what it began with, which is one message
		if n := told[i.Key()+" "+string(alert.Opened)]; n != 1 && !(n == 0 && atOnce) {
			h.Errorf("%s (%s) was told %d times", i.Key(), i.Title, n)
		}
		if n := told[i.Key()+" "+string(alert.Closed)]; n != closed {
			h.Errorf("that %s (%s) is over was told %d times, want %d", i.Key(), i.Title, n, closed)
		}
	}
	for _, m := range h.pager.messages {
		if !known[m.Incident] {
			h.Errorf("there is no incident %s, of which was told: %s", m.Incident, m.Title)
		}
	}
	h.checkEnds(ends)
	if h.pager.repeated > h.crashed {
		h.Errorf("%d messages came twice, and the process died %d times", h.pager.repeated, h.crashed)
	}
	waiting, err := h.runtime.Alerts(context.Background())
	if err != nil || len(waiting) != 1 || waiting[0].Waiting != 0 {
		h.Errorf("what waits to be sent is %+v, %v", waiting, err)
	}
}

// checkEnds wants to be told of each end of a run that is no incident.
func (h *history) checkEnds(told map[string]int) {
	h.Helper()
	for i := range h.graph.Groups {
		group, want := h.graph.Groups[i].Addr, map[string]int{}
		for _, d := range h.runs(group) {
			for _, e := range d.Events {
				switch state, _, _ := strings.Cut(e.Message, ":"); {
				case e.Type != runtime.EventEnded:
				case strings.HasPrefix(state, store.Succeeded):
					want["succeeded"]++
				case state == store.Stopped || state == store.Canceled:
					want["stopped"]++
				}
			}
		}
		for _, word := range []string{"succeeded", "stopped"} {
			if n := told[string(group)+" "+word]; n != want[word] {
				h.Errorf("that runs of %s %s was told %d times, want %d", group, word, n, want[word])
			}
		}
	}
}
