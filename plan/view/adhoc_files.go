package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// adhocShown is how many files of one state are listed before the middle of them
// is left out.
const adhocShown = 8

// fileStates are the states of files in the order in which they are listed; what
// is optional stands by itself.
var fileStates = []struct {
	state    string
	optional bool
	mark     string
	style    style
}{
	{plan.FileLands, false, "+", green},
	{plan.FileLanded, false, "=", dim},
	{plan.FilePassed, false, "=", dim},
	{plan.FileNotReady, false, "?", yellow},
	{plan.FileNotReady, true, "?", dim},
	{plan.FileMissing, false, "-", red},
	{plan.FileMissing, true, "-", dim},
}

// files prints the files of a courier, what lands first.
func (v *adhoc) files(c *plan.AdHocPull) {
	if c.NotLooked != "" {
		v.names(c)
		return
	}
	for _, s := range fileStates {
		var some []*plan.AdHocFile
		for i := range c.Files {
			if c.Files[i].State == s.state && c.Files[i].Optional == s.optional {
				some = append(some, &c.Files[i])
			}
		}
		v.fileLines(some, s.mark, s.style)
	}
}

// fileLines prints files of one state.
func (v *adhoc) fileLines(some []*plan.AdHocFile, mark string, st style) {
	var left int
	if n := len(some); n > adhocShown {
		left = n - adhocShown + 1
		some = append(slices.Clone(some[:adhocShown-2]), some[n-1])
	}
	name, size := 0, 0
	for _, f := range some {
		name, size = max(name, columns(f.Name)), max(size, columns(sizeOf(f)))
	}
	name = min(name, v.width/2)
	lead := 4 + 2 + name + gutter
	if size > 0 {
		lead += size + gutter
	}
	for i, f := range some {
		if left > 0 && i == len(some)-1 {
			v.line(pad(4), v.paint(dim, fmt.Sprintf("  … %s more …", plan.Number(left))))
		}
		row := pad(4) + v.paint(st, mark) + " " + fill(shorten(f.Name, name), name+gutter)
		if size > 0 {
			row += pad(size-columns(sizeOf(f))) + sizeOf(f) + pad(gutter)
		}
		words := v.fileWords(f)
		if v.width-lead < 24 && words != "" { // no room beside
			v.line(row)
			for _, l := range wrap(words, v.width-8) {
				v.line(pad(8), v.paint(dim, l))
			}
			continue
		}
		for _, l := range wrap(words, v.width-lead) {
			v.line(row, v.paint(dim, l))
			row = pad(lead)
		}
	}
}

func sizeOf(f *plan.AdHocFile) string {
	if f.State == plan.FileMissing {
		return ""
	}
	return graph.Bytes(f.Size)
}

// fileWords says what becomes of a file.
func (v *adhoc) fileWords(f *plan.AdHocFile) string {
	landed := ""
	if f.Landed != nil {
		landed = fmt.Sprintf("landed %s by %s", zoned(f.Landed.At.In(v.zone), minute), graph.ShortRun(f.Landed.Run))
	}
	switch f.State {
	case plan.FileLands:
		lands := "lands"
		if f.Manifest != "" {
			lands += " if it is as " + f.Manifest + " says"
		}
		switch {
		case f.Again:
			return landed + "; " + strings.Replace(lands, "lands", "lands again, as you asked", 1)
		case landed != "":
			return lands + "; an earlier version " + landed
		}
		return lands
	case plan.FileLanded:
		return landed + "; not again"
	case plan.FilePassed:
		return "older than what the courier first read; left alone"
	case plan.FileNotReady:
		return f.Why
	}
	words := "not there"
	if f.Optional {
		words += ", optional"
	}
	if landed != "" {
		words += " any more; " + landed
	}
	return words
}

// names prints what a courier looks for where nobody knows what is there.
func (v *adhoc) names(c *plan.AdHocPull) {
	for _, l := range fileLines(c.Expected) {
		v.line(pad(6), v.paint(dim, shorten(l, v.width-6)))
	}
}

// sentence says what comes of a courier's first look.
func (v *adhoc) sentence(c *plan.AdHocPull) string {
	count := map[string]int{}
	var land int64
	for _, f := range c.Files {
		if f.State == plan.FileMissing && f.Optional || f.State == plan.FileNotReady && f.Optional {
			continue
		}
		count[f.State]++
		if f.State == plan.FileLands {
			land += f.Size
		}
	}
	what := fmt.Sprintf("%s, %s", files(count[plan.FileLands]), graph.Bytes(land))
	if count[plan.FileLands] == 0 {
		what = "nothing new"
	}
	switch c.Then {
	case plan.PullNothing:
		return "Nothing to read."
	case plan.PullRuns:
		return "Runs its program, which says what there is. Not looked: " + c.NotLooked + "."
	case plan.PullAsks:
		return "Asks, as it is always ready: " + c.Request
	case plan.PullUnknown:
		s := "Not looked: " + strings.TrimSuffix(c.NotLooked, ".") + "."
		if c.Source == "filedrop" {
			s += " If that stays so, the courier tries again, and then fails."
		}
		return s
	case plan.PullLands:
		return "Lands " + what + "."
	case plan.PullWaits:
		return fmt.Sprintf("Found %s. %s", what, v.waits(c))
	}
	if c.OnMissing == graph.OnMissingContinue {
		return fmt.Sprintf("Does not wait. Lands %s; the run goes on without the rest (on_missing = \"continue\").", what)
	}
	return "Does not wait, and lands nothing: the run fails (on_missing = \"stop\")."
}

// waits says until when a courier waits, and what comes then. A file that still
// changes at the end of the wait gets one more look.
func (v *adhoc) waits(c *plan.AdHocPull) string {
	now := v.Start.State == plan.StartsNow
	what, lacks := "", "if something is missing then"
	if !c.Settles.IsZero() {
		what, lacks = "What is still changing lands once it has settled", "if it changes still"
		if now {
			what += ", at " + zoned(c.Settles.In(v.zone), second) + " at the earliest"
		}
		what += ". "
	}
	then := lacks + `, the run fails (on_missing = "stop")`
	if c.OnMissing == graph.OnMissingContinue {
		then = `then it lands what is there, and the run goes on (on_missing = "continue")`
	}
	switch {
	case c.Wait == 0:
		return what + "Looks once more for what is still changing; " + then + "."
	case now:
		return what + fmt.Sprintf("Waits for %s, until %s if it starts now; %s.", c.Wait, zoned(c.Deadline.In(v.zone), minute), then)
	}
	return what + fmt.Sprintf("Waits for %s from its start; %s.", c.Wait, then)
}

// steps prints what becomes of bridges, processes and activations.
func (v *adhoc) steps() {
	if len(v.Steps) == 0 {
		return
	}
	v.line()
	name := 0
	for _, s := range v.Steps {
		name = max(name, columns(string(s.Step)))
	}
	name = min(name, v.width/2)
	marks := map[string]struct {
		mark  string
		style style
		words string
	}{
		plan.StepRuns: {"+", green, "runs"}, plan.StepDepends: {"?", yellow, "runs"},
		plan.StepSkipped: {"-", red, "does not run:"}, plan.StepOff: {"-", dim, "does not run:"},
	}
	for _, s := range v.Steps {
		m := marks[s.State]
		words := strings.TrimSpace(m.words + " " + s.Why)
		switch {
		case s.Step.Kind() == graph.KindBridge && s.State == plan.StepRuns:
			words += " beside the couriers"
		case s.State == plan.StepRuns && s.Files == 0:
			words += "; handed nothing new"
		case s.State == plan.StepRuns:
			words += fmt.Sprintf("; handed %s, %s", files(s.Files), graph.Bytes(s.Bytes))
		}
		row := "  " + v.paint(m.style, m.mark) + " " + fill(shorten(string(s.Step), name), name+gutter)
		for _, l := range wrap(words, v.width-4-name-gutter) {
			v.line(row, v.paint(dim, l))
			row = pad(4 + name + gutter)
		}
	}
	if len(v.NotAwaited) > 0 {
		var names []string
		for _, a := range v.NotAwaited {
			names = append(names, string(a))
		}
		v.wrapped(dim, 2, "It does not wait for "+strings.Join(names, ", ")+", since somebody asks for it.")
	}
}
