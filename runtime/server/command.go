package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/api"
	"github.com/waybill-dev/waybill/runtime/store"
)

// Everything that is done to groups and runs is a command: the holder of the
// store carries it out a moment later. The answer is the command as it was
// stored, and its Location is where to see what becomes of it.

func (s *Server) startRun(x *exchange) error {
	var body struct {
		Group graph.Addr `json:"group"`
		runtime.RunArgs
	}
	if err := x.read(&body, s.limits.Body); err != nil {
		return err
	}
	if body.Group == "" {
		return problemf(http.StatusBadRequest, api.CodeBadRequest, `say which group is to run: {"group": "daily"}`)
	}
	return s.toGroup(x, store.VerbRun, string(body.Group), body.RunArgs)
}

func (s *Server) stopRun(x *exchange) error {
	if err := x.read(&struct{}{}, s.limits.Body); err != nil {
		return err
	}
	return s.toRun(x, store.VerbStop, runtime.StopArgs{Run: x.runKey()})
}

func (s *Server) retryRun(x *exchange) error {
	if err := x.read(&struct{}{}, s.limits.Body); err != nil {
		return err
	}
	return s.toRun(x, store.VerbRetry, runtime.RetryArgs{Run: x.runKey()})
}

func (s *Server) restartRun(x *exchange) error {
	if err := x.read(&struct{}{}, s.limits.Body); err != nil {
		return err
	}
	return s.toRun(x, store.VerbRestart, runtime.RestartArgs{Run: x.runKey()})
}

func (s *Server) skipTask(x *exchange) error {
	var body struct {
		Task   string `json:"task"`
		Reason string `json:"reason"`
	}
	if err := x.read(&body, s.limits.Body); err != nil {
		return err
	}
	return s.toRun(x, store.VerbSkip, runtime.SkipArgs{Run: x.runKey(), Task: body.Task, Reason: body.Reason})
}

func (s *Server) ignoreMissing(x *exchange) error {
	var body struct {
		Courier string `json:"courier"`
		Reason  string `json:"reason"`
	}
	if err := x.read(&body, s.limits.Body); err != nil {
		return err
	}
	return s.toRun(x, store.VerbIgnore, runtime.IgnoreArgs{Run: x.runKey(), Courier: body.Courier, Reason: body.Reason})
}

func (s *Server) pauseGroup(x *exchange) error {
	if err := x.read(&struct{}{}, s.limits.Body); err != nil {
		return err
	}
	return s.toGroup(x, store.VerbPause, x.r.PathValue("group"), struct{}{})
}

// A group that is no longer deployed may have runs to stop, and be paused.

func (s *Server) stopGroup(x *exchange) error {
	if err := x.read(&struct{}{}, s.limits.Body); err != nil {
		return err
	}
	return s.send(x, store.Command{Verb: store.VerbStop, Group: graph.GroupAddr(x.r.PathValue("group"))}, runtime.StopArgs{})
}

func (s *Server) resumeGroup(x *exchange) error {
	if err := x.read(&struct{}{}, s.limits.Body); err != nil {
		return err
	}
	return s.send(x, store.Command{Verb: store.VerbResume, Group: graph.GroupAddr(x.r.PathValue("group"))}, struct{}{})
}

func (s *Server) backfillGroup(x *exchange) error {
	var args runtime.BackfillArgs
	if err := x.read(&args, s.limits.Body); err != nil {
		return err
	}
	return s.toGroup(x, store.VerbBackfill, x.r.PathValue("group"), args)
}

func (s *Server) advanceGroup(x *exchange) error {
	var args runtime.AdvanceArgs
	if err := x.read(&args, s.limits.Body); err != nil {
		return err
	}
	return s.toGroup(x, store.VerbAdvance, x.r.PathValue("group"), args)
}

// toGroup sends a command to a group that is deployed.
func (s *Server) toGroup(x *exchange, verb, name string, args any) error {
	addr := graph.GroupAddr(name)
	d, err := s.options.Runtime.Deployment(x.r.Context())
	if err != nil {
		return err
	}
	if d.Graph.Group(addr) == nil {
		return problemf(http.StatusNotFound, api.CodeNotFound, "%s is not deployed; `waybill status` lists the groups that are", addr)
	}
	return s.send(x, store.Command{Verb: verb, Group: addr}, args)
}

// toRun sends a command to a run that there is.
func (s *Server) toRun(x *exchange, verb string, args any) error {
	key := x.runKey()
	d, err := s.options.Runtime.Run(x.r.Context(), key)
	if errors.Is(err, store.ErrNotFound) {
		return problemf(http.StatusNotFound, api.CodeNotFound, "there is no run %s; `waybill runs` lists them", key)
	}
	if err != nil {
		return err
	}
	return s.send(x, store.Command{Verb: verb, Group: d.Run.Group, Run: key}, args)
}

// maxToken bounds the name of a request, which becomes part of a run's key.
const maxToken = 200

// send hands a command to the runtime.
func (s *Server) send(x *exchange, c store.Command, args any) (err error) {
	c.By, c.Token = x.by(), x.r.Header.Get(api.HeaderKey)
	if len(c.Token) > maxToken || !utf8.ValidString(c.Token) || strings.ContainsFunc(c.Token, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return problemf(http.StatusBadRequest, api.CodeBadRequest, "%s is longer than %d bytes, or has characters that cannot be read", api.HeaderKey, maxToken)
	}
	if c.Args, err = json.Marshal(args); err != nil {
		return err
	}
	sent, err := s.options.Runtime.Send(x.r.Context(), c)
	if err != nil {
		return err
	}
	x.w.Header().Set("Location", fmt.Sprintf("/v1/commands/%d", sent.ID))
	return x.write(http.StatusAccepted, sent)
}
