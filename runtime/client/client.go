// Package client is a runtime that is somewhere else: behind the HTTP API of
// [github.com/waybill-dev/waybill/runtime/server]. It gives the same answers and
// the same errors as the [runtime.Runtime] behind that server.
//
// What can be repeated without harm is repeated for a short time while the server
// does not answer. What goes wrong between here and there is an [*Error].
package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/why"
)

// Options of a Client.
type Options struct {
	URL   string // of the server; a path in it goes before the routes
	Token string
	// Actor is who asks. The server records it with the name of the token.
	Actor string
	// Release of Waybill that asks, for the server's log.
	Release string
	// Transport carries the requests; nil: proxies by the environment, roots of
	// the system.
	Transport http.RoundTripper
	// Patience is for how long a request is repeated while the server does not
	// answer. Zero: 5 s; while a command is watched, twelve times as long.
	Patience time.Duration
	// Wait is how long the server is asked to wait for news of a command. Zero:
	// 30 s.
	Wait time.Duration
}

// Client is a runtime behind a server. It is safe for concurrent use.
type Client struct {
	options Options
	base    *url.URL
	http    *http.Client
	largest int64 // bytes that are read of an answer

	mu     sync.Mutex
	server time.Time // the server's clock, when it last answered
	asked  time.Time // this machine's clock then
}

// New returns a client of a server, and asks it nothing yet.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	switch {
	case err != nil: // which would repeat what may hold a password
		return nil, errors.New("the url of the runtime cannot be read: write https://host:port")
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, fmt.Errorf("the url of the runtime, %s, is no address of a server: write https://host:port", o.URL)
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("the url of the runtime is an address and nothing else: a token is written as token")
	}
	if o.Token = strings.TrimSpace(o.Token); strings.ContainsFunc(o.Token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil, &Error{Kind: Unauthorized, URL: o.URL, Err: errors.New("the token has characters that no request can carry")}
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if o.Wait == 0 {
		o.Wait = 30 * time.Second
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &Client{options: o, base: base, largest: largestAnswer, http: &http.Client{
		Transport:     o.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close gives the connections back.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Now returns a time that the server's clock has reached: what the server does
// from here on is not before it. Until the server has answered it is the clock of
// this machine.
func (c *Client) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server.IsZero() {
		return time.Now()
	}
	return c.server.Add(time.Since(c.asked))
}

// Deployment returns what is applied.
func (c *Client) Deployment(ctx context.Context) (d graph.Deployment, err error) {
	if err := c.get(ctx, &d, nil, "v1", "deployment"); err != nil {
		return graph.Deployment{}, err
	}
	switch {
	case d.Graph == nil:
		return d, c.fault(NotWaybill, errors.New("the deployment has no graph"))
	case d.Graph.FormatVersion > graph.FormatVersion:
		return d, c.fault(OtherVersion, fmt.Errorf("what is applied was written by a newer release (%s, graph format %d; this release knows %d): use that release here",
			d.Tool, d.Graph.FormatVersion, graph.FormatVersion))
	}
	return d, nil
}

// Deploy makes d what is applied, if d.Serial is still the serial of the newest
// deployment; else the error is a [*graph.StaleError]. It is sent once: when the
// answer is lost, the server is asked whether d is what it has applied now. Where
// that is not so, the error says that the outcome is not known.
func (c *Client) Deploy(ctx context.Context, d graph.Deployment) (graph.Deployment, error) {
	condition := [2]string{"If-Match", `"` + strconv.FormatInt(d.Serial, 10) + `"`}
	if d.Serial == 0 {
		condition = [2]string{"If-None-Match", "*"}
	}
	if d.Graph != nil {
		d.Digest = d.Graph.Digest()
	}
	var next graph.Deployment
	err := c.do(ctx, call{
		method: http.MethodPut, path: []string{"v1", "deployment"}, body: d, into: &next, once: true, actor: d.AppliedBy,
		headers: map[string]string{condition[0]: condition[1]},
	})
	if mayHaveArrived(err) {
		now, unknown := c.Deployment(ctx)
		if unknown != nil || now.Serial != d.Serial+1 || now.Digest != d.Digest {
			return graph.Deployment{}, fmt.Errorf("whether it was applied is not known, plan again to see: %w", err)
		}
		next, err = now, nil
	}
	if err != nil {
		return graph.Deployment{}, err
	}
	next.Graph, next.Zones = d.Graph, d.Zones
	return next, nil
}

// Standing returns what a plan must know of the runtime besides the deployment.
func (c *Client) Standing(ctx context.Context) (s graph.Standing, err error) {
	err = c.get(ctx, &s, nil, "v1", "standing")
	return s, err
}

// Holder returns the process that acts on the store now, if there is one, else
// the last.
func (c *Client) Holder(ctx context.Context) (store.Holder, bool, error) {
	var h api.Holder
	err := c.get(ctx, &h, nil, "v1", "holder")
	return h.Holder, h.Held, err
}

// Run returns everything about one run. The error is [store.ErrNotFound] for a
// key that no run has.
func (c *Client) Run(ctx context.Context, key string) (d store.Detail, err error) {
	err = c.get(ctx, &d, nil, "v1", "runs", key)
	return d, err
}

// LastRuns returns of each applied group the newest run that was carried out and
// is over, if there is one, by group.
func (c *Client) LastRuns(ctx context.Context) (last []store.Run, err error) {
	var all api.Groups
	err = c.get(ctx, &all, nil, "v1", "groups")
	for _, g := range all.Groups {
		if g.LastRun != nil {
			last = append(last, *g.LastRun)
		}
	}
	return last, err
}

// largestPage is the most runs that the server gives at once.
const largestPage = 1000

// Runs lists runs, newest first.
func (c *Client) Runs(ctx context.Context, f store.RunFilter) ([]store.Run, error) {
	q := url.Values{"state": f.States}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("group", string(f.Group))
	set("kind", f.Kind)
	set("run_type", f.RunType)
	set("from", stamp(f.From))
	set("until", stamp(f.Until))
	set("ended_from", stamp(f.EndedFrom))
	set("ended_until", stamp(f.EndedUntil))
	if f.Before != (store.Cursor{}) {
		q.Set("cursor", api.WriteCursor(f.Before))
	}
	var runs []store.Run
	for {
		size := largestPage
		if f.Limit > 0 {
			size = min(size, f.Limit-len(runs))
		}
		q.Set("limit", strconv.Itoa(size))
		var page api.Runs
		if err := c.get(ctx, &page, q, "v1", "runs"); err != nil {
			return nil, err
		}
		runs = append(runs, page.Runs...)
		if page.Next == "" || f.Limit > 0 && len(runs) >= f.Limit {
			return runs, nil
		}
		q.Set("cursor", page.Next)
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Send hands a command to the server and returns it with its number. A command
// with a token that was sent before is not sent again: the earlier one is
// returned. Where that was another command, of another group or with other
// arguments, and where the server knows at once that there is no such run or
// group, the error is a [*runtime.RefusedError].
func (c *Client) Send(ctx context.Context, cmd store.Command) (sent store.Command, err error) {
	path, body, err := routeOf(cmd)
	if err != nil {
		return cmd, err
	}
	if cmd.Token == "" { // sent twice, it is done once
		cmd.Token = strings.ToLower(name(cmd.Verb) + "-" + rand.Text()[:8])
	}
	err = c.do(ctx, call{
		method: http.MethodPost, path: path, body: body, into: &sent, actor: cmd.By,
		headers: map[string]string{api.HeaderKey: cmd.Token},
	})
	var p *Problem
	var refused *runtime.RefusedError
	switch {
	case errors.As(err, &refused):
		return refused.Command, err
	case errors.As(err, &p) && p.Code == api.CodeNotFound:
		cmd.State, cmd.Message = store.CommandRefused, p.Detail
		return cmd, &runtime.RefusedError{Command: cmd}
	}
	return sent, err
}

// name begins the name of a request that was given none. That of a run becomes
// part of its key.
func name(verb string) string {
	if verb == store.VerbRun {
		return "adhoc"
	}
	return verb
}

// routeOf is where a command is sent, and what.
func routeOf(cmd store.Command) (path []string, body any, err error) {
	switch cmd.Verb {
	case store.VerbRun:
		document := map[string]any{}
		if err := unmarshal(cmd.Args, &document); err != nil {
			return nil, nil, err
		}
		document["group"] = cmd.Group
		return []string{"v1", "runs"}, document, nil
	case store.VerbStop, store.VerbRetry, store.VerbRestart, store.VerbSkip, store.VerbIgnore:
		document := map[string]any{}
		if err := unmarshal(cmd.Args, &document); err != nil {
			return nil, nil, err
		}
		if run, _ := document["run"].(string); run != "" { // the path names it
			delete(document, "run")
			return []string{"v1", "runs", run, cmd.Verb}, document, nil
		}
	}
	if len(cmd.Args) == 0 {
		return []string{"v1", "groups", string(cmd.Group), cmd.Verb}, struct{}{}, nil
	}
	return []string{"v1", "groups", string(cmd.Group), cmd.Verb}, cmd.Args, nil
}

func unmarshal(text json.RawMessage, into any) error {
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("the arguments of a command: %w", err)
	}
	return nil
}

// watchPatience is how many times more patient one is who has sent a command.
const watchPatience = 12

// Do sends a command and watches it: until it is carried out, and until the runs
// that it made have ended or are blocked. progress, which may be nil, is told of
// the events of those runs, each run's in order, from one goroutine. When ctx
// ends meanwhile, the server goes on.
//
// The error is a [*runtime.RefusedError] for a command that was refused.
func (c *Client) Do(ctx context.Context, cmd store.Command, progress func(store.Event)) (store.Command, error) {
	sent, err := c.Send(ctx, cmd)
	if err != nil {
		return sent, err
	}
	var after int64
	for {
		var p runtime.Progress
		err := c.do(ctx, call{
			method: http.MethodGet, path: []string{"v1", "commands", strconv.FormatInt(sent.ID, 10)}, into: &p,
			query: url.Values{"after": {strconv.FormatInt(after, 10)}, "wait": {c.options.Wait.String()}},
			wait:  c.options.Wait, patience: watchPatience * c.options.Patience,
		})
		switch {
		case ctx.Err() != nil:
			return sent, ctx.Err()
		case err != nil:
			return sent, fmt.Errorf("the command was sent and goes on, but cannot be watched: %w", err)
		}
		sent, after = p.Command, p.Next
		for _, e := range p.Events {
			if progress != nil {
				progress(e)
			}
		}
		if p.Over && sent.State == store.CommandRefused {
			return sent, &runtime.RefusedError{Command: sent}
		}
		if p.Over {
			return sent, nil
		}
		if len(p.Events) == 0 { // a server that is ending does not wait
			if err := rest(ctx, firstPause); err != nil {
				return sent, err
			}
		}
	}
}

// Why explains a run or a group. The error is [store.ErrNotFound] for what is not
// there.
func (c *Client) Why(ctx context.Context, q why.Question) (w why.Explanation, err error) {
	query := url.Values{}
	if q.Courier != "" {
		query.Set("courier", q.Courier)
	}
	if q.Run != "" {
		err = c.get(ctx, &w, query, "v1", "runs", q.Run, "why")
		return w, err
	}
	err = c.get(ctx, &w, query, "v1", "groups", string(q.Group), "why")
	return w, err
}

// Logs returns what a run has said behind a position. The error is
// [store.ErrNotFound] for an unknown run or task.
func (c *Client) Logs(ctx context.Context, q runtime.LogQuestion) (page runtime.LogPage, err error) {
	query := url.Values{}
	for name, text := range map[string]string{"task": q.Task, "after": q.After} {
		if text != "" {
			query.Set(name, text)
		}
	}
	patience := time.Duration(0)
	if q.Wait > 0 {
		q.Wait, patience = min(q.Wait, c.options.Wait), watchPatience*c.options.Patience
		query.Set("wait", q.Wait.String())
	}
	err = c.do(ctx, call{
		method: http.MethodGet, path: []string{"v1", "runs", q.Run, "logs"}, query: query, into: &page, wait: q.Wait, patience: patience,
	})
	return page, err
}

// Incidents returns the incidents that are open, by group and cause, and behind
// them up to closed of those that are over, the one that was over last first; a
// server lists 1,000 of these at most.
func (c *Client) Incidents(ctx context.Context, closed int) ([]store.Incident, error) {
	q := url.Values{}
	if closed > 0 {
		q.Set("closed", strconv.Itoa(min(closed, largestPage)))
	}
	var d api.Incidents
	if err := c.get(ctx, &d, q, "v1", "incidents"); err != nil {
		return nil, err
	}
	var all []store.Incident
	for _, i := range d.Incidents {
		all = append(all, i.Incident)
	}
	return all, nil
}

// Alerts returns how each applied alert stands, by address.
func (c *Client) Alerts(ctx context.Context) ([]store.AlertStanding, error) {
	var d api.Alerts
	err := c.get(ctx, &d, nil, "v1", "alerts")
	return d.Alerts, err
}

// Facts returns what a plan of an ad hoc run with these arguments must know. The
// server looks at the sources for it. The error is [store.ErrNotFound] for a group
// or courier that is not deployed.
func (c *Client) Facts(ctx context.Context, group graph.Addr, args runtime.RunArgs) (f graph.Facts, err error) {
	q := url.Values{"courier": args.Couriers}
	for name, text := range map[string]string{"date": args.Date, "from": args.From, "to": args.To, "at": args.At} {
		if text != "" {
			q.Set(name, text)
		}
	}
	for name, set := range map[string]bool{"all": args.All, "apply_offsets": args.ApplyOffsets} {
		if set {
			q.Set(name, "true")
		}
	}
	err = c.get(ctx, &f, q, "v1", "groups", string(group), "facts")
	return f, err
}
