package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// refusal is what becomes of the error of a command that was asked for: where it was
// refused, the reason with what to do next.
func (a *applied) refusal(asked, done store.Command, err error) error {
	var no *runtime.RefusedError
	switch {
	case errors.As(err, &no):
		asked.Message = no.Command.Message
	case err != nil || done.State != store.CommandRefused:
		return err
	default:
		asked.Message = done.Message
	}
	return advise(a.nextAfter(asked), "%s", plainly(asked.Message))
}

// runKey is the key of a run in a message, with the kind that all groups have.
var runKey = regexp.MustCompile(`\b` + graph.KindGroup + `\.([^\s,;]+@)`)

// plainly writes a message of the runtime with keys of runs as they are typed, and
// states in words.
func plainly(message string) string {
	message = runKey.ReplaceAllString(message, "$1")
	return strings.ReplaceAll(message, store.SucceededWithWarnings, words.State(store.SucceededWithWarnings))
}

// nextAfter is what to do after a command was refused; empty where the refusal says
// so itself.
func (a *applied) nextAfter(c store.Command) string {
	if strings.Contains(c.Message, "waybill ") || strings.Contains(c.Message, "--") || strings.Contains(c.Message, "did you mean") {
		return ""
	}
	group, run := c.Group.Typed(), graph.Typed(graph.ShortRun(c.Run))
	say := func(command, does string) string { return "'" + waybillIn(command, a.dir) + "' " + does + "." }
	switch {
	case c.Verb == store.VerbStop && c.Run == "":
		return say("runs "+group, "lists its runs")
	case c.Verb == store.VerbStop:
		return say("show "+run, "shows how it ended")
	case c.Verb == store.VerbPause:
		return say("resume "+group, "lifts it")
	case c.Verb == store.VerbResume, c.Verb == store.VerbBackfill:
		return say("status "+group, "shows how it stands")
	case c.Run != "":
		return say("why "+run, "says how it stands, and what helps")
	}
	return ""
}
