package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
)

// logs answers with what a run has said: at once, or where the request says how
// long to wait, when there is something new.
func (s *Server) logs(x *exchange) (err error) {
	q := runtime.LogQuestion{Run: x.runKey()}
	for name, values := range x.r.URL.Query() {
		switch name {
		case "task":
			q.Task = values[0]
		case "after":
			q.After = values[0]
		case "wait":
			if q.Wait, err = time.ParseDuration(values[0]); err != nil || q.Wait < 0 {
				return problemf(http.StatusBadRequest, api.CodeBadRequest, "wait=%s: write a length of time such as 30s", values[0])
			}
		default:
			return problemf(http.StatusBadRequest, api.CodeBadRequest, "there is no parameter %q", name)
		}
	}
	ctx, cancel := context.WithCancel(x.r.Context())
	defer cancel()
	if q.Wait = min(q.Wait, s.limits.Wait); q.Wait > 0 { // the deadline for the request's arrival would end the wait
		_ = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
		go func() {
			select {
			case <-s.leaving:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	page, err := s.options.Runtime.Logs(ctx, q)
	switch {
	case errors.Is(err, runtime.ErrBadPosition):
		return problemf(http.StatusBadRequest, api.CodeBadRequest, "after=%s: %s", q.After, err)
	case err != nil && (!errors.Is(err, context.Canceled) || x.r.Context().Err() != nil):
		return err
	}
	return x.write(http.StatusOK, page)
}
