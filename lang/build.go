package lang

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// builder makes the Graph out of objects.
type builder struct {
	*report
	scope    *scope
	root     *os.Root // the workspace
	graph    *graph.Graph
	objects  map[graph.Addr]*object
	defaults *object // waybill { defaults }, or nil
	fault    error   // of the machine
}

// build fills the Graph, every list sorted by address or name. The error is a
// fault of the machine.
func (b *builder) build(objects []*object, version string) error {
	b.objects = make(map[graph.Addr]*object, len(objects))
	b.grow(objects)
	b.workspace(objects, version)
	for _, o := range objects {
		found := len(b.list)
		addr := graph.Addr(o.addr)
		if o.schema == &movedSchema {
			continue // not an address of its own
		}
		b.objects[addr] = o
		b.places(addr, "", o)
		switch o.schema.Type {
		case "secret":
			b.secret(o)
		case graph.KindAlert:
			b.graph.Alerts = append(b.graph.Alerts, b.alert(addr, o))
		case graph.KindCourier:
			b.graph.Couriers = append(b.graph.Couriers, b.courier(addr, o))
		case graph.KindBridge:
			b.graph.Bridges = append(b.graph.Bridges, b.step(addr, o))
		case graph.KindProcess:
			b.graph.Processes = append(b.graph.Processes, b.step(addr, o))
		case graph.KindActivation:
			b.graph.Activations = append(b.graph.Activations, b.step(addr, o))
		}
		b.about(found, string(addr))
	}
	b.sort()
	b.serverToken()
	for _, o := range objects {
		if o.schema == &groupSchema {
			addr := graph.Addr(o.addr)
			found := len(b.list)
			b.graph.Groups = append(b.graph.Groups, b.group(addr, o))
			b.about(found, string(addr))
		}
	}
	b.moved(objects)
	slices.SortFunc(b.graph.Groups, func(x, y graph.Group) int { return cmp.Compare(x.Addr, y.Addr) })
	return b.fault
}

// grow makes room for what there will be.
func (b *builder) grow(objects []*object) {
	count := map[string]int{}
	for _, o := range objects {
		count[o.schema.Type]++
	}
	g := b.graph
	g.Couriers = slices.Grow(g.Couriers, count[graph.KindCourier])
	g.Processes = slices.Grow(g.Processes, count[graph.KindProcess])
	g.Groups = slices.Grow(g.Groups, count[graph.KindGroup])
}

func (b *builder) sort() {
	g := b.graph
	slices.SortFunc(g.Secrets, func(x, y graph.Secret) int { return cmp.Compare(x.Name, y.Name) })
	slices.SortFunc(g.Alerts, func(x, y graph.Alert) int { return cmp.Compare(x.Addr, y.Addr) })
	slices.SortFunc(g.Couriers, func(x, y graph.Courier) int { return cmp.Compare(x.Addr, y.Addr) })
	for _, steps := range [][]graph.Step{g.Bridges, g.Processes, g.Activations} {
		slices.SortFunc(steps, func(x, y graph.Step) int { return cmp.Compare(x.Addr, y.Addr) })
	}
}

// places records where a block and everything in it was written.
func (b *builder) places(addr graph.Addr, path string, o *object) {
	b.graph.SetPlace(addr, path, o.at)
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	for _, f := range o.fields {
		b.graph.SetPlace(addr, join(f.name), f.at)
	}
	for kind, list := range o.blocks {
		for _, n := range list {
			b.places(addr, join(strings.Join(append([]string{kind}, n.labels...), ".")), n)
		}
	}
}

// workspace reads the waybill block, of which there may be none.
func (b *builder) workspace(objects []*object, version string) {
	i := slices.IndexFunc(objects, func(o *object) bool { return o.schema == &waybillSchema })
	w := &object{schema: &waybillSchema}
	if i >= 0 {
		w = objects[i]
	}
	g := b.graph
	g.RequiredVersion = w.text("required_version")
	g.Landing = w.text("landing")
	g.MaxConcurrent, g.MaxPerHost, g.MaxBandwidth = w.number("max_concurrent"), w.number("max_per_host"), b.bandwidth(w)
	g.Runtime.Path = runtimeSchema.attribute("path").Default
	if r := w.only("runtime"); r != nil {
		g.Runtime = graph.Runtime{Path: r.text("path"), URL: r.text("url"), Token: r.value("token")}
		if g.Runtime.URL != "" && !strings.HasPrefix(g.Runtime.URL, "http://") && !strings.HasPrefix(g.Runtime.URL, "https://") {
			b.add(diag.BadValue, r.place("url"), "Wrong value for url", "%q is not a web address: one starts with https:// or http://.", g.Runtime.URL)
		}
	}
	if h := w.only("heartbeat"); h != nil {
		b.webURL(h, "url")
		g.Heartbeat = &graph.Heartbeat{URL: h.value("url"), Every: h.duration("every")}
	}
	b.defaults = w.only("defaults")
	b.requireVersion(w, version)
}

func (b *builder) requireVersion(w *object, version string) {
	have, ok := parseVersion(version)
	list, err := parseConstraint(w.text("required_version"))
	if !ok || err != nil || !w.has("required_version") {
		return
	}
	for _, c := range list {
		if !c.met(have) {
			b.add(diag.VersionNotMet, w.place("required_version"), "Another release is required",
				"The workspace requires Waybill %s; this is %s.", w.text("required_version"), version)
			return
		}
	}
}

func (b *builder) alert(addr graph.Addr, o *object) graph.Alert {
	a := graph.Alert{
		Addr: addr, Type: o.label0(), On: unique(o.list("on")), Webhook: o.value("webhook"), SigningKey: o.value("signing_key"), SMTP: o.value("smtp"), From: o.text("from"),
		To: unique(o.list("to")), Username: o.value("username"), Password: o.value("password"),
	}
	if o.has("webhook") {
		b.webURL(o, "webhook")
	}
	if q := o.only("quiet"); q != nil {
		a.Quiet = &graph.Quiet{From: q.text("from"), Until: q.text("until"), Timezone: q.text("timezone"), Except: unique(q.list("except"))}
		if a.Quiet.From == a.Quiet.Until && a.Quiet.From != "" {
			b.add(diag.QuietForever, q.place("until"), "Quiet hours without an end", "from and until are both %s. Write the time at which alerts go out again.", a.Quiet.From)
		}
	}
	b.mailServer(o)
	if empty[string](o, "on") {
		b.add(diag.BadValue, o.place("on"), "Wrong value for on", "The list is empty, so this alert would never be told of anything. Events are %s.", orList(events))
	}
	return a
}

// mailServer checks the address of a mail server where it is written out.
func (b *builder) mailServer(o *object) {
	text, literal := o.value("smtp").Literal()
	if !o.has("smtp") || !literal || text == "" {
		return
	}
	if !strings.HasPrefix(text, "smtp://") && !strings.HasPrefix(text, "smtps://") {
		b.add(diag.BadValue, o.place("smtp"), "Wrong value for smtp", "%q is not the address of a mail server: one is written smtp://HOST:PORT, or smtps://HOST:PORT for TLS from the first byte.", text)
	}
}

// unique sorts a set of words. The list that comes back is never shared.
func unique(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
