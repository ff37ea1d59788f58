package server

import (
	"net/http"
	"strconv"

	"github.com/waybill-dev/waybill/runtime/api"
)

// incidents answers with what is wrong now, and with the last of what was.
func (s *Server) incidents(x *exchange) error {
	closed := 0
	for name, values := range x.r.URL.Query() {
		if name != "closed" {
			return problemf(http.StatusBadRequest, api.CodeBadRequest, "there is no parameter %q", name)
		}
		var err error
		if closed, err = strconv.Atoi(values[0]); err != nil || closed < 0 || closed > largestPage {
			return problemf(http.StatusBadRequest, api.CodeBadRequest, "closed=%s: it is a number from 0 to %d", values[0], largestPage)
		}
	}
	all, err := s.options.Runtime.Incidents(x.r.Context(), closed)
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, api.WriteIncidents(all))
}

// alerts answers with what waits to be sent to each applied alert.
func (s *Server) alerts(x *exchange) error {
	all, err := s.options.Runtime.Alerts(x.r.Context())
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, api.Alerts{Alerts: all})
}
