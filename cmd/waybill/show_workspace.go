package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan/view"
)

// showWorkspace shows a workspace as it is written now: its compiled graph.
func (p *program) showWorkspace(dir string, f runtimeFlags) error {
	w, err := p.load(dir, f.vars)
	switch {
	case err != nil:
		return err
	case w.graph == nil:
		p.printDiagnostics(w.problems, w.sources)
		return errors.New("there is nothing to show: the workspace has errors")
	case f.asJSON:
		return writeJSON(p.stdout, w.graph)
	}
	return view.Graph(p.stdout, w.graph, p.viewOptions())
}

// deployed is what `waybill show --applied --json` prints.
type deployed struct {
	FormatVersion int          `json:"format_version"` // of this document and of the graph
	Store         string       `json:"store"`
	Serial        int64        `json:"serial"`
	AppliedAt     time.Time    `json:"applied_at"`
	AppliedBy     string       `json:"applied_by"`
	Tool          string       `json:"tool"`
	TZData        string       `json:"tzdata"`
	Digest        string       `json:"digest"`
	Graph         *graph.Graph `json:"graph"`
}

// showApplied shows what is applied in a workspace, whatever its files say now.
func (p *program) showApplied(ctx context.Context, dir string, f runtimeFlags) error {
	return p.with(ctx, dir, f, func(a *applied) error {
		d := a.deployment
		if f.asJSON {
			return writeJSON(p.stdout, deployed{
				FormatVersion: graph.FormatVersion, Store: d.Store, Serial: d.Serial, AppliedAt: d.AppliedAt.UTC(), AppliedBy: d.AppliedBy,
				Tool: d.Tool, TZData: d.TZData, Digest: d.Digest, Graph: d.Graph,
			})
		}
		fmt.Fprintf(p.stdout, "%s\n", p.paint(p.stdout, bold, fmt.Sprintf("Serial %d", d.Serial)))
		t := table{indent: "  "}
		t.row("applied", utc(d.AppliedAt)+" by "+d.AppliedBy)
		t.row("with", "waybill "+d.Tool+", zone data "+d.TZData)
		t.row("digest", d.Digest)
		if err := t.write(p.stdout); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout)
		return view.Graph(p.stdout, d.Graph, p.viewOptions())
	})
}
