package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

func (p *program) logsCommand() *cobra.Command {
	var f runtimeFlags
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs RUN|GROUP [TASK] [DIR]",
		Short: "Show what the programs of a run printed, with its events",
		Long: "In the order in which it came; what a program printed is behind a bar. Of GROUP it is the run that\n" +
			"is under way, else the one that ended last. With -f it goes on until the run ends. Of each attempt at a task the\n" +
			"first 1 MB and the last 256 kB are kept. --json prints one document; with -f one for each line.",
		Example: "waybill logs daily\nwaybill logs daily -f\nwaybill logs daily@2026-11-21 process.load",
		Args:    positional(1, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			task, dir := argument(args, 1, ""), argument(args, 2, ".")
			if len(args) == 2 && p.isWorkspace(task) {
				task, dir = "", task
			}
			return p.with(cmd.Context(), dir, f, func(a *applied) error {
				key, err := a.findRun(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				err = p.showLogs(cmd.Context(), a, runtime.LogQuestion{Run: key, Task: task}, follow, f.asJSON)
				if errors.Is(err, store.ErrNotFound) && task != "" {
					return p.noTask(cmd.Context(), a, key, task)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until the run ends")
	f.add(cmd, true)
	return cmd
}

// followWait is how long a question for news may wait for it.
const followWait = 30 * time.Second

// showLogs prints what a run has said, page by page.
func (p *program) showLogs(ctx context.Context, a *applied, q runtime.LogQuestion, follow, asJSON bool) error {
	all := []runtime.LogLine{}
	each := json.NewEncoder(p.stdout)
	each.SetEscapeHTML(false)
	if follow {
		q.Wait = followWait
	}
	for {
		page, err := a.Logs(ctx, q)
		if err != nil {
			return err
		}
		for _, l := range page.Lines {
			switch {
			case asJSON && follow:
				err = each.Encode(l)
			case asJSON:
				all = append(all, l)
			default:
				_, err = fmt.Fprintln(p.stdout, p.logLine(q.Run, l))
			}
			if err != nil {
				return err
			}
		}
		q.After = page.Next
		switch {
		case !page.Over && (follow || len(page.Lines) > 0):
		case asJSON && !follow:
			return writeJSON(p.stdout, struct {
				Lines []runtime.LogLine `json:"lines"`
			}{all})
		default:
			return nil
		}
	}
}

// logLine is one line of what a run has said.
func (p *program) logLine(run string, l runtime.LogLine) string {
	if l.Type == "" {
		return l.At.UTC().Format(time.RFC3339) + "  " + l.Task + "  | " + l.Text
	}
	return p.paint(p.stdout, faint, eventLine(store.Event{Run: run, At: l.At, Type: l.Type, Task: l.Task, Message: l.Text}))
}

// noTask says which tasks a run has.
func (p *program) noTask(ctx context.Context, a *applied, key, task string) error {
	d, err := a.Run(ctx, key)
	if err != nil {
		return err
	}
	var names []string
	for _, t := range inOrder(d.Tasks) {
		names = append(names, t.Name)
	}
	return advise("'"+waybillIn("show "+graph.ShortRun(key), a.dir)+"' lists its tasks.", "%s has no task %q.%s", graph.ShortRun(key), task, didYouMean(task, names, ""))
}
