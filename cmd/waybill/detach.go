package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// detachFlag is the flag of the commands that can be handed over.
func detachFlag(cmd *cobra.Command, into *bool) {
	cmd.Flags().BoolVar(into, "detach", false, "hand it over to the process that serves, and do not wait")
}

// How long a command that is handed over is awaited to be taken up, which servers do
// several times a second, and how often it is looked for.
const (
	takenUpTime  = 5 * time.Second
	takenUpEvery = 100 * time.Millisecond
)

// detach leaves the command to the process that serves, and tells whether that has
// taken it up or refused it.
func (p *program) detach(ctx context.Context, a *applied, c store.Command, what any, asJSON bool) error {
	holder, held, err := a.Holder(ctx)
	if err != nil {
		return err
	}
	if !held {
		return advise("Start '"+waybillIn("serve", a.dir)+"', or write it without --detach.",
			"--detach needs a process that serves, and there is none")
	}
	began := a.Now()
	if c, err = p.newCommand(c, what); err != nil {
		return err
	}
	if c.Token == "" { // by which it is asked after
		c.Token = strings.ToLower(nameOf(c.Verb) + "-" + rand.Text()[:8])
	}
	sent, err := untilTakenUp(ctx, a, c)
	if err := a.refusal(c, sent, err); err != nil {
		return err
	}
	c = sent
	switch {
	case asJSON:
		return writeJSON(p.stdout, c)
	case sentBefore(c, began):
		return p.sayBefore(c, "it is not done again")
	}
	text := fmt.Sprintf("Handed over to %s (process %d on %s)", holder.Owner, holder.PID, holder.Host)
	switch {
	case c.State == store.CommandPending || c.State == store.CommandAccepted:
		text += ", which has not taken it up yet"
	case c.Verb == store.VerbBackfill:
		text += ": " + c.Message
	}
	_, err = fmt.Fprintf(p.stdout, "%s.\n%s\n", text, a.howItGoes(c))
	return err
}

// nameOf begins the name of a command that was given none. That of a run becomes
// part of its key.
func nameOf(verb string) string {
	if verb == store.VerbRun {
		return store.KindAdHoc
	}
	return verb
}

// untilTakenUp sends a command, and once more until somebody has taken it up or has
// had the time to: one that was sent is returned as it stands.
func untilTakenUp(ctx context.Context, a *applied, c store.Command) (sent store.Command, err error) {
	for until := a.Now().Add(takenUpTime); ; {
		sent, err = a.Send(ctx, c)
		if err != nil || sent.State != store.CommandPending || a.Now().After(until) {
			return sent, err
		}
		select {
		case <-ctx.Done():
			return sent, context.Cause(ctx)
		case <-time.After(takenUpEvery):
		}
	}
}

// howItGoes says with which command one sees what becomes of what was handed over.
func (a *applied) howItGoes(c store.Command) string {
	switch {
	case c.Verb == store.VerbBackfill:
		return "'" + waybillIn("runs "+c.Group.Typed(), a.dir) + " --kind backfill' lists its pieces, the newest first."
	case c.Run == "" && c.Verb == store.VerbRun:
		c.Run = graph.RunKey(c.Group, c.Token)
	}
	return "'" + waybillIn("show "+graph.Typed(graph.ShortRun(c.Run)), a.dir) + "' shows how it goes."
}
