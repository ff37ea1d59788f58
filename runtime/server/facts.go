package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
)

// facts answers with what a run of a group would find, which it looks up at the
// sources.
func (s *Server) facts(x *exchange) error {
	args, err := factsOf(x.r.URL.Query())
	if err != nil {
		return err
	}
	// The deadline for the request's arrival would end a look that takes long.
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Time{})
	f, err := s.options.Runtime.Facts(x.r.Context(), graph.GroupAddr(x.r.PathValue("group")), args)
	var no *window.AskError
	if errors.As(err, &no) {
		return problemf(http.StatusBadRequest, api.CodeBadRequest, "%s", no)
	}
	if err != nil {
		return err
	}
	return x.write(http.StatusOK, f)
}

// factsOf reads which run is asked about.
func factsOf(q url.Values) (args runtime.RunArgs, err error) {
	known := map[string]func(string) error{
		"date":          func(text string) error { args.Date = text; return nil },
		"from":          func(text string) error { args.From = text; return nil },
		"to":            func(text string) error { args.To = text; return nil },
		"at":            func(text string) error { args.At = text; return nil },
		"all":           func(text string) error { args.All, err = strconv.ParseBool(text); return err },
		"apply_offsets": func(text string) error { args.ApplyOffsets, err = strconv.ParseBool(text); return err },
		"courier":       func(string) error { args.Couriers = q["courier"]; return nil },
	}
	for name, values := range q {
		set := known[name]
		if set == nil {
			return args, problemf(http.StatusBadRequest, api.CodeBadRequest, "there is no parameter %q", name)
		}
		if err := set(values[0]); err != nil {
			return args, problemf(http.StatusBadRequest, api.CodeBadRequest, "%s=%s: write true or false", name, values[0])
		}
	}
	return args, nil
}
