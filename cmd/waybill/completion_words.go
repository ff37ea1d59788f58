package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
	"github.com/waybill-dev/waybill/runtime/words"
)

// offer is what a shell is told may stand at a place: the words, with what they
// mean behind a tab, and whether files or directories may stand there, too.
type offer struct {
	words []cobra.Completion
	also  cobra.ShellCompDirective
}

// offerWords gives every command what completes its arguments, by their names in
// its usage line, and its flags, by theirs.
func (p *program) offerWords(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		p.offerWords(c)
	}
	if places := strings.Fields(cmd.Use); len(places) > 1 && cmd.ValidArgs == nil && cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return p.offerFor(cmd, args, places[min(len(args)+1, len(places)-1)], begun)
		}
	}
	for _, name := range []string{"format", "group", "zone", "gap", "fold", "state", "kind", "run-type", "log-level", "directory", "var", "var-file"} {
		if cmd.Flags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
				return p.offerFor(cmd, args, "--"+name, begun)
			}) // fails only for a flag that is not there
		}
	}
}

// offerFor is what may stand at a place of a command line, behind some arguments.
func (p *program) offerFor(cmd *cobra.Command, args []string, place, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	p.stderr = io.Discard // a shell shows nothing but the words
	var o offer
	for name := range strings.SplitSeq(strings.Trim(place, "[]"), "|") {
		some := p.offered(cmd, args, name, begun)
		o.words, o.also = append(o.words, some.words...), o.also|some.also
	}
	switch {
	case o.also == cobra.ShellCompDirectiveFilterDirs && len(o.words) == 0:
		return nil, o.also
	case o.also == 0:
		directive := cobra.ShellCompDirectiveNoFileComp
		if place == "--var" { // the value follows at once
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return o.words, directive
	}
	return o.words, cobra.ShellCompDirectiveDefault
}

// formatsOf is the forms that a command knows.
func formatsOf(command string) []string {
	problems, documents := []string{formatText, formatCompact, formatGitHub, formatSARIF}, []string{formatMarkdown, formatHTML}
	switch command {
	case "graph":
		return []string{"dot", "mermaid"}
	case "show":
		return documents
	case "plan":
		return append(problems, documents...)
	}
	return problems
}

// anyFile lets the shell offer files beside the words.
const anyFile = cobra.ShellCompDirectiveFilterFileExt

func (p *program) offered(cmd *cobra.Command, args []string, name, begun string) offer {
	switch name {
	case "GROUP", "--group":
		return offer{words: p.groupNames(cmd.Context())}
	case "RUN":
		return offer{words: p.runKeys(cmd.Context(), begun)}
	case "TASK", "COURIER":
		if len(args) == 0 {
			return offer{words: p.courierNames(cmd.Context())}
		}
		return offer{words: p.taskNames(cmd.Context(), argument(args, 0, ""), name == "COURIER")}
	case "CODE":
		var words []cobra.Completion
		for _, e := range diag.Entries() {
			words = append(words, cobra.CompletionWithDesc(string(e.Code), e.Title))
		}
		return offer{words: words}
	case "BLOCK":
		return offer{words: blockNames(begun)}
	case "COMMAND":
		var words []cobra.Completion
		for _, c := range cmd.Root().Commands() {
			words = append(words, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
		return offer{words: words}
	case "ALERT":
		return offer{words: p.alertNames()}
	case "--zone", "ZONE":
		return offer{words: cron.Zones()}
	case "--format":
		return offer{words: formatsOf(cmd.Name())}
	case "--state":
		return offer{words: allStates}
	case "--kind":
		return offer{words: allKinds}
	case "--run-type":
		return offer{words: allTypes}
	case "--gap":
		return offer{words: []string{string(cron.NextValid), string(cron.Shift), string(cron.SkipGap)}}
	case "--fold":
		return offer{words: []string{string(cron.First), string(cron.Second), string(cron.Both)}}
	case "--log-level":
		return offer{words: []string{"off", "error", "warn", "info", "debug", "trace"}}
	case "--var":
		return offer{words: p.variableNames()}
	case "DIR", "--directory":
		return offer{also: cobra.ShellCompDirectiveFilterDirs}
	case "PLAN", "PATH…", "-", "--var-file":
		return offer{also: anyFile}
	}
	return offer{}
}

// alertNames are the alerts of the workspace here, as it is written.
func (p *program) alertNames() (names []cobra.Completion) {
	if w, err := p.load(".", inputs{}); err == nil && w.graph != nil {
		for _, a := range w.graph.Alerts {
			names = append(names, a.Addr.Name())
		}
	}
	return names
}

// groupNames are the groups of the workspace here, as it is written and as it is
// applied.
func (p *program) groupNames(ctx context.Context) []cobra.Completion {
	var names []string
	if w, err := p.load(".", inputs{}); err == nil && w.graph != nil {
		for _, g := range w.graph.Groups {
			names = append(names, g.Addr.Name())
		}
	}
	p.atApplied(ctx, func(a *applied) {
		for _, g := range a.deployment.Graph.Groups {
			names = append(names, g.Addr.Name())
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// runKeys are the keys of the newest runs, once the group of one is typed.
func (p *program) runKeys(ctx context.Context, begun string) (keys []cobra.Completion) {
	if !strings.ContainsAny(begun, "@#") {
		return nil
	}
	p.atApplied(ctx, func(a *applied) {
		runs, err := a.Runs(ctx, store.RunFilter{Limit: 200})
		if err != nil {
			return
		}
		for i := range runs {
			if !runs[i].Expected() {
				keys = append(keys, cobra.CompletionWithDesc(graph.ShortRun(runs[i].Key), words.State(runs[i].State)))
			}
		}
	})
	return keys
}

// courierNames are the couriers of all applied groups.
func (p *program) courierNames(ctx context.Context) (names []cobra.Completion) {
	p.atApplied(ctx, func(a *applied) {
		for _, g := range a.deployment.Graph.Groups {
			for _, m := range g.Members {
				names = append(names, m.Name)
			}
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// taskNames are the tasks of a run that was typed, or its couriers.
func (p *program) taskNames(ctx context.Context, run string, couriers bool) (names []cobra.Completion) {
	p.atApplied(ctx, func(a *applied) {
		key, err := a.findRun(ctx, run)
		if err != nil {
			return
		}
		d, err := a.Run(ctx, key)
		if err != nil {
			return
		}
		for _, t := range inOrder(d.Tasks) {
			if !couriers || t.Kind == store.KindCourier {
				names = append(names, cobra.CompletionWithDesc(t.Name, words.State(t.State)))
			}
		}
	})
	return names
}

// completionTime is how long somebody who has pressed Tab waits for a server.
const completionTime = 2 * time.Second

// atApplied opens the store of the workspace here, where something is applied.
func (p *program) atApplied(ctx context.Context, do func(*applied)) {
	at, err := p.findPlace(".", inputs{})
	if err != nil || !at.exists() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	_ = p.with(ctx, ".", runtimeFlags{}, func(a *applied) error { // what cannot be read is not offered
		do(a)
		return nil
	})
}

func (p *program) variableNames() []cobra.Completion {
	w, err := p.load(".", inputs{})
	if err != nil || w.compiled == nil {
		return nil
	}
	var names []cobra.Completion
	for _, v := range w.compiled.Variables {
		names = append(names, v.Name+"=")
	}
	return names
}

// blockNames are the blocks inside of the one that is typed before the last dot.
func blockNames(begun string) []cobra.Completion {
	around := ""
	if i := strings.LastIndexByte(begun, '.'); i >= 0 {
		around = begun[:i+1]
	}
	b, err := findBlock(strings.TrimSuffix(around, "."))
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, inner := range b.Blocks {
		names = append(names, cobra.CompletionWithDesc(around+inner.Type, inner.Doc))
	}
	return names
}
