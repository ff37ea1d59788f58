package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/store"
)

// storeCommand is the commands about the store itself. They work on the machine
// that has it.
func (p *program) storeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Back up, restore, check or describe the store",
		Long: "The store is the database of a workspace, on the machine that runs it: .waybill, or where\n" +
			"runtime { path } says. These commands read its file; only 'restore' has to wait for 'serve' to end.",
		Example: "waybill store backup /backup/waybill.db\nwaybill store check",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(p.storeInfoCommand(), p.storeCheckCommand(), p.storeBackupCommand(), p.storeRestoreCommand())
	return cmd
}

// storeFolder is the folder of a workspace's store, which must be on this
// machine. A directory without a workspace may be that of a server.
func (p *program) storeFolder(dir string, vars inputs) (string, error) {
	if own := filepath.Join(p.path(dir), defaultStore); len(hclFiles(p.path(dir))) == 0 && store.Exists(own) {
		return own, nil
	}
	at, err := p.findPlace(dir, vars)
	if err == nil && at.url != "" {
		err = advise("Log in there, and run it in the directory that 'waybill serve --listen' was started with.",
			"the store is on the machine of the server at %s", at.url)
	}
	return at.path, err
}

func (p *program) storeInfoCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:     "info [DIR]",
		Short:   "Describe the store: its size, its version, what is in it",
		Example: "waybill store info\nwaybill store info /srv/loads --json",
		Args:    positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := p.storeFolder(argument(args, 0, "."), f.vars)
			if err != nil {
				return err
			}
			info, err := store.Inspect(cmd.Context(), folder)
			if err != nil {
				return noStore(err)
			}
			if f.asJSON {
				return writeJSON(p.stdout, info)
			}
			return writeInfo(p.stdout, info)
		},
	}
	f.add(cmd, true)
	return cmd
}

// noStore explains that there is no store, where that is the error.
func noStore(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return advise("'waybill apply' makes it; runtime { path } says where.", "there is no store here: %w", err)
	}
	return err
}

// isFolder reports whether there is a folder at a path.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func writeInfo(w io.Writer, i store.Info) error {
	version := fmt.Sprint(i.Version)
	if i.Version < i.Known {
		version += fmt.Sprintf(", which the next command brings to %d", i.Known)
	}
	lines := [][2]string{
		{"store", i.Path},
		{"identity", i.ID},
		{"version", version},
		{"size", fmt.Sprintf("%s, and %s of log; %s of it free", sizeText(i.Size), sizeText(i.LogSize), sizeText(i.Free))},
		{"serial", fmt.Sprint(i.Serial)},
		{"runs", fmt.Sprintf("%d, %d of them open", i.Runs, i.Open)},
		{"tasks", fmt.Sprint(i.Tasks)},
		{"events", fmt.Sprint(i.Events)},
		{"landings", fmt.Sprint(i.Landings)},
	}
	if !i.Oldest.IsZero() {
		lines = append(lines, [2]string{"oldest run", utc(i.Oldest)})
	}
	if !i.Newest.IsZero() {
		lines = append(lines, [2]string{"newest event", utc(i.Newest)})
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "%-13s %s\n", l[0], l[1]); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) storeCheckCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Read the whole store and find what is damaged",
		Long: "Reads all pages and indexes, and looks for rows that name others which are not there. Every command\n" +
			"does the first of that by itself for a store of up to 16 MiB. It may run beside 'serve'.\n" +
			"It also names ticks that were taken before their time, by a clock that was ahead, and what to do.",
		Example: "waybill store check",
		Args:    positional(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := p.storeFolder(argument(args, 0, "."), f.vars)
			if err != nil {
				return err
			}
			if err := store.Check(cmd.Context(), folder); err != nil {
				return noStore(err)
			}
			ahead, err := store.TakenAhead(cmd.Context(), folder, p.now().Add(clockMargin))
			if err != nil {
				return err
			}
			_, err = io.WriteString(p.stdout, "The store is sound.\n"+aheadText(ahead))
			return err
		},
	}
	f.add(cmd, false)
	return cmd
}

// clockMargin is by how much clocks may differ without a word.
const clockMargin = time.Minute

// aheadText names ticks that were taken by a clock that was ahead, and the cure.
func aheadText(all []store.Ahead) string {
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nA clock was ahead: these ticks were taken before their time, and are not taken again.\n")
	for _, a := range all {
		fmt.Fprintf(&b, "  %s  %d from %s to %s\n", a.Group.Typed(), a.Ticks, utc(a.First), utc(a.Last))
	}
	fmt.Fprintf(&b, "When the time of each has come, 'waybill run %s --at %s' loads its data.\n",
		all[0].Group.Typed(), all[0].First.UTC().Format(time.RFC3339))
	b.WriteString("Or restore a backup from before: 'waybill store restore FILE'.\n")
	return b.String()
}

func (p *program) storeBackupCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "backup FILE [DIR]",
		Short: "Write a copy of the store, also while it is in use",
		Long: "The copy is the store as it is at one instant, checked and on disk before it appears under its name.\n" +
			"It must be a new file, in a folder that is there.",
		Example: "waybill store backup /backup/waybill-$(date +%F).db\nwaybill store backup /backup/monday.db /srv/loads",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := p.storeFolder(argument(args, 1, "."), f.vars)
			if err != nil {
				return err
			}
			if within := filepath.Dir(p.path(args[0])); !isFolder(within) {
				return advise("Make it, or name another.", "there is no folder %s to write a backup into", within)
			}
			info, err := store.Backup(cmd.Context(), folder, p.path(args[0]))
			switch {
			case errors.Is(err, fs.ErrExist):
				return advise("Write the name of a new file.", "%w", err)
			case err != nil:
				return noStore(err)
			}
			if f.asJSON {
				return writeJSON(p.stdout, info)
			}
			_, err = fmt.Fprintf(p.stdout, "Backed up %s to %s: serial %d, %s, %s.\n",
				sizeText(info.Size), args[0], info.Serial, graph.Count(info.Runs, "run"), graph.Count(info.Landings, "landing"))
			return err
		},
	}
	f.add(cmd, true)
	return cmd
}

func (p *program) storeRestoreCommand() *cobra.Command {
	var f runtimeFlags
	cmd := &cobra.Command{
		Use:   "restore FILE [DIR]",
		Short: "Put a backup in place as the store",
		Long: "Refuses while a process serves. The store that was in place is kept beside. What has happened since the\n" +
			"backup is forgotten: files that have landed since land again, and steps that were done since are done again.\n" +
			"A plan that was made before is stale.",
		Example: "waybill store restore /backup/monday.db",
		Args:    positional(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := p.storeFolder(argument(args, 1, "."), f.vars)
			if err != nil {
				return err
			}
			if _, err := os.Stat(p.path(args[0])); errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no backup %s%s", p.path(args[0]), p.nearFile(args[0]))
			}
			p.holding.Store(true) // an interrupt waits until one store is in place
			r, err := store.Restore(context.WithoutCancel(cmd.Context()), folder, p.path(args[0]), p.actor(), p.now())
			var held *store.HeldError
			switch {
			case errors.As(err, &held):
				return advise("Stop it first.", "%w", err)
			case err != nil:
				return err
			case f.asJSON:
				return writeJSON(p.stdout, r)
			}
			_, err = io.WriteString(p.stdout, restoredText(args[0], r))
			return err
		},
	}
	f.add(cmd, true)
	return cmd
}

// restoredText says what a restore has done, and what is forgotten.
func restoredText(file string, r store.Restored) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Restored %s: %s, %s; what is applied is serial %d now.\n", file,
		graph.Count(r.Now.Runs, "run"), graph.Count(r.Now.Landings, "landing"), r.Now.Serial)
	switch {
	case r.Kept == "":
	case r.Forgotten == nil:
		fmt.Fprintf(&b, "The store that was in place could not be read. It is kept as %s.\n", r.Kept)
	case *r.Forgotten == store.Forgotten{Since: r.Forgotten.Since}:
		fmt.Fprintf(&b, "Nothing is forgotten. The store that was in place is kept as %s.\n", r.Kept)
	default:
		fmt.Fprintf(&b, "Forgotten, since %s:\n", since(r.Forgotten.Since))
		for _, line := range []struct {
			n    int64
			text string
		}{
			{r.Forgotten.Deployments, "what was applied; apply it again"},
			{r.Forgotten.Runs, "what runs did; steps that were done since are done again"},
			{r.Forgotten.Landings, "files that have landed; they land again, in other folders"},
			{r.Forgotten.Commands, "commands, with their tokens"},
		} {
			if line.n > 0 {
				fmt.Fprintf(&b, "  %6d  %s\n", line.n, line.text)
			}
		}
		fmt.Fprintf(&b, "The store that was in place is kept as %s.\n", r.Kept)
	}
	b.WriteString("Before 'waybill serve': look at 'waybill status' and 'waybill runs', and pause what must not run again.\n")
	return b.String()
}

func since(t time.Time) string {
	if t.IsZero() {
		return "its beginning"
	}
	return utc(t)
}
