package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
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
