package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime/api"
)

// deploy makes the deployment in the body what is applied, on the condition that
// the request states: If-Match with the tag of the deployment it was planned
// from, or If-None-Match: * where there was none.
func (s *Server) deploy(x *exchange) error {
	base, err := condition(x.r.Header)
	if err != nil {
		return err
	}
	var d graph.Deployment
	if err := x.read(&d, s.limits.Deploy); err != nil {
		return err
	}
	if err := sound(d); err != nil {
		return err
	}
	d.Serial, d.AppliedBy = base, x.by()
	next, err := s.options.Runtime.Deploy(x.r.Context(), d)
	if err != nil {
		return err
	}
	s.log.Info("deployed", "serial", next.Serial, "by", next.AppliedBy, "request", x.w.request)
	x.w.Header().Set("ETag", tag(next.Serial))
	next.Graph, next.Zones = nil, nil // the asker has them
	return x.write(http.StatusOK, next)
}

// condition is the serial that a deployment was planned from.
func condition(h http.Header) (int64, error) {
	match, none := h.Get("If-Match"), h.Get("If-None-Match")
	switch {
	case match == "" && none == "":
		return 0, problemf(http.StatusPreconditionRequired, api.CodeNoCondition,
			`say what it was planned from: If-Match: "7" with the ETag of GET /v1/deployment, or If-None-Match: * for the first one`)
	case match == "" && none == "*":
		return 0, nil
	case none == "":
		serial, err := strconv.ParseInt(strings.Trim(match, `"`), 10, 64)
		if err == nil && serial >= 0 && match == tag(serial) {
			return serial, nil
		}
	}
	return 0, problemf(http.StatusBadRequest, api.CodeBadRequest, `the condition is neither If-Match: "7" with a serial nor If-None-Match: *`)
}

// sound refuses a graph that this release did not understand whole, or that no
// workspace compiles to: the runtime trusts a graph.
func sound(d graph.Deployment) error {
	bad := func(format string, args ...any) error {
		return problemf(http.StatusUnprocessableEntity, api.CodeBadGraph, format, args...)
	}
	g := d.Graph
	switch {
	case g == nil:
		return bad("the deployment has no graph")
	case g.FormatVersion > graph.FormatVersion:
		return problemf(http.StatusUnprocessableEntity, api.CodeNewerFormat,
			"the graph has format %d, and this release of the server knows %d: upgrade the server", g.FormatVersion, graph.FormatVersion)
	case g.FormatVersion < 1:
		return bad("the graph has no format_version")
	case d.Digest != "" && d.Digest != g.Digest():
		return problemf(http.StatusUnprocessableEntity, api.CodeNewerFormat,
			"the graph reads as %s here, and was sent as %s: it was changed on the way, or another release wrote it. Use one release on both sides",
			g.Digest(), d.Digest)
	}
	for i := range g.Couriers {
		if err := soundCourier(&g.Couriers[i]); err != nil {
			return bad("%s: %s", g.Couriers[i].Addr, err)
		}
	}
	for i := range g.Groups {
		if err := soundGroup(g, &g.Groups[i]); err != nil {
			return bad("%s", err)
		}
	}
	return nil
}

func soundCourier(c *graph.Courier) error {
	if c.Filedrop == nil && c.RestAPI == nil && c.Warehouse == nil && c.Exec == nil {
		return fmt.Errorf("it has no source")
	}
	for _, f := range c.Files {
		if _, err := window.ParsePattern(f.Pattern); err != nil {
			return fmt.Errorf("file %s: %w", f.Name, err)
		}
	}
	return nil
}

// soundGroup looks up everything that a group names.
func soundGroup(g *graph.Graph, group *graph.Group) error {
	if _, err := window.NewCalendar(group); err != nil {
		return err
	}
	for _, m := range group.Members {
		if g.Courier(m.Courier) == nil {
			return fmt.Errorf("%s: there is no %s", group.Addr, m.Courier)
		}
	}
	for _, list := range [][]graph.Addr{group.Bridges, group.Processes, group.Activations} {
		for _, a := range list {
			step := g.Step(a)
			switch {
			case step == nil:
				return fmt.Errorf("%s: there is no %s", group.Addr, a)
			case step.Exec == nil && step.HTTP == nil && step.SQL == nil:
				return fmt.Errorf("%s: it does nothing", a)
			}
		}
	}
	for _, after := range group.After {
		if g.Group(after.Group) == nil {
			return fmt.Errorf("%s: there is no %s", group.Addr, after.Group)
		}
	}
	return nil
}
