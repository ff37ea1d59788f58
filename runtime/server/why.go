package server

import (
	"net/http"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/why"
)

func (s *Server) whyRun(x *exchange) error { return s.why(x, why.Question{Run: x.runKey()}) }

func (s *Server) whyGroup(x *exchange) error {
	return s.why(x, why.Question{Group: graph.GroupAddr(x.r.PathValue("group"))})
}

// why answers with the reasons for how a run or a group stands.
func (s *Server) why(x *exchange, q why.Question) error {
	for name, values := range x.r.URL.Query() {
		if name != "courier" {
			return problemf(http.StatusBadRequest, api.CodeBadRequest, "there is no parameter %q", name)
		}
		q.Courier = values[0]
	}
	w, err := s.options.Runtime.Why(x.r.Context(), q)
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, w)
}
