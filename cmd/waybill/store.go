package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// actor is who is recorded with what this program does.
func (p *program) actor() string {
	name := p.env["USER"]
	if u, err := user.Current(); name == "" && err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return name + "@" + host
}

// applied is a runtime that something is applied to.
type applied struct {
	session
	dir        string // of the workspace, as this program reaches it
	deployment graph.Deployment
}

// here reports whether it is this process that acts, where no other does.
func (a *applied) here() bool {
	_, local := a.session.(*runtime.Runtime)
	return local
}

// errNothingApplied is of a workspace whose runtime has no deployment.
var errNothingApplied = errors.New("nothing is applied")

// openApplied opens the runtime of a workspace. That nothing is applied to it is
// an error, and does not make a store.
func (p *program) openApplied(ctx context.Context, dir string, vars inputs) (*applied, error) {
	at, err := p.findPlace(dir, vars)
	if err != nil {
		return nil, err
	}
	dir = p.path(dir)
	first := advise("Apply it first: "+waybillIn("apply", dir), "%w in %s", errNothingApplied, dir)
	if !at.exists() {
		return nil, first
	}
	s, err := p.open(ctx, at)
	if err != nil {
		return nil, err
	}
	d, err := s.Deployment(ctx)
	if err == nil && d.Serial == 0 {
		err = first
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &applied{session: s, dir: dir, deployment: d}, nil
}

// waybillIn writes a command line for the user to type here, about a workspace.
func waybillIn(command, dir string) string {
	if filepath.Clean(dir) == "." {
		return "waybill " + command
	}
	return "waybill " + command + " " + dir
}

// group finds an applied group by its name or address.
func (a *applied) group(name string) (*graph.Group, error) {
	if g := a.deployment.Graph.Group(graph.GroupAddr(name)); g != nil {
		return g, nil
	}
	if of := graph.OfRun(name); of != name && a.deployment.Graph.Group(graph.GroupAddr(of)) != nil {
		return nil, advise("Write "+graph.Typed(of)+".", "%s names a run of the group %s; this is about a whole group", name, of)
	}
	var names []string
	for _, g := range a.deployment.Graph.Groups {
		names = append(names, g.Addr.Name())
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no group %q: what is applied has no groups", name)
	}
	hint := "Applied are: " + strings.Join(names, ", ") + "."
	if of := a.groupsOf(graph.NewAddr(graph.KindCourier, name)); len(of) > 0 {
		hint = fmt.Sprintf("%s is a courier of %s. With --courier %s a run of the group is one of this courier alone.", name, strings.Join(of, ", "), name)
	}
	return nil, advise(hint, "no group %q is applied.%s", name, didYouMean(name, names, ""))
}

// groupsOf names the groups that have a courier.
func (a *applied) groupsOf(courier graph.Addr) []string {
	var names []string
	for i := range a.deployment.Graph.Groups {
		g := &a.deployment.Graph.Groups[i]
		if slices.ContainsFunc(g.Members, func(m graph.Member) bool { return m.Courier == courier }) {
			names = append(names, g.Addr.Name())
		}
	}
	return names
}

// do has a command carried out, by this process or by the one that holds the
// store, and returns it when it is done; being refused is an error. progress may be
// nil.
func (p *program) do(cmd *cobra.Command, a *applied, c store.Command, args any, progress func(store.Event)) (store.Command, error) {
	c, err := p.newCommand(c, args)
	if err != nil {
		return c, err
	}
	p.holding.Store(a.here())
	taken, over := p.impatience(cmd.Context(), a)
	done, err := a.Do(cmd.Context(), c, func(e store.Event) {
		taken()
		if progress != nil {
			progress(e)
		}
	})
	over()
	if cmd.Context().Err() != nil && done.State == store.CommandPending {
		fmt.Fprintf(p.stderr, "Interrupted: nobody has taken this up. It stays asked for, and the next 'waybill serve' does it.\n")
	}
	return done, a.refusal(c, done, err)
}

func (p *program) newCommand(c store.Command, args any) (store.Command, error) {
	text, err := json.Marshal(args)
	if err != nil {
		return c, err
	}
	c.Args, c.By, c.At = text, p.actor(), p.now().UTC()
	return c, nil
}

// runtimeFlags is what every command about an applied workspace takes.
type runtimeFlags struct {
	vars   inputs
	asJSON bool
}

func (f *runtimeFlags) add(cmd *cobra.Command, json bool) {
	if json {
		cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON document")
	}
	varFlags(cmd, &f.vars)
}

// with opens the store of the workspace for the length of a function.
func (p *program) with(ctx context.Context, dir string, f runtimeFlags, do func(*applied) error) (err error) {
	if _, err := os.Stat(p.path(dir)); dir != "." && errors.Is(err, fs.ErrNotExist) {
		return advise("The last argument is the directory of the workspace; a command is about one group or run.",
			"there is no directory %s%s", p.path(dir), p.nearFile(dir))
	}
	a, err := p.openApplied(ctx, dir, f.vars)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(a)
}

// sayWhoServes tells, after a deployment, who will run it.
func (p *program) sayWhoServes(ctx context.Context, s session, dir string) error {
	holder, held, err := s.Holder(ctx)
	if err != nil {
		return err
	}
	text := "Nobody serves it now; '" + waybillIn("serve", dir) + "' runs it on its schedules.\n"
	if held {
		text = fmt.Sprintf("%s (process %d on %s) takes it up now.\n", holder.Owner, holder.PID, holder.Host)
	}
	_, err = fmt.Fprint(p.stdout, text)
	return err
}
