package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
)

// cronFlags is the question that `waybill cron` was asked.
type cronFlags struct {
	zone, from, until string
	gap, fold, class  string
	count             int
	asJSON            bool
}

// tableLength is how many firings are printed when nothing bounds them.
const tableLength = 10

func (p *program) cronCommand() *cobra.Command {
	var f cronFlags
	cmd := &cobra.Command{
		Use:   "cron EXPR [--zone ZONE]",
		Short: "Show when a cron expression fires, in a time zone",
		Long: "Shows the next times of a schedule, and marks those that a change of the clock\n" +
			"moves or doubles. A time is 2026-11-01T08:00:00Z, or 2026-11-01 01:00 on the\nclocks of the zone.",
		Example: "waybill cron '30 1 * * *' --zone America/Los_Angeles\n" +
			"waybill cron '*/15 * * * 1-5' --zone Europe/Berlin -n 20\n" +
			"waybill cron '30 1 * * *' --from 2026-10-01 --until 2026-11-01 --json",
		Args: positional(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.cron(cmd, args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.zone, "zone", "UTC", "IANA time `zone` of the schedule")
	flags.StringVar(&f.from, "from", "", "show firings after this `time` (default now)")
	flags.StringVar(&f.until, "until", "", "show firings up to and including this `time`")
	flags.IntVarP(&f.count, "count", "n", 0, "show at most this many (default 10, or all of them with --until)")
	flags.StringVar(&f.gap, "gap", "", "when the time does not exist: next_valid (default), shift or skip")
	flags.StringVar(&f.fold, "fold", "", "when the time occurs twice: first (default), second or both")
	flags.StringVar(&f.class, "class", "", "what the schedule names: auto (default), fixed times or an interval")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON document")
	return cmd
}

func (p *program) cron(cmd *cobra.Command, expression string, f cronFlags) error {
	schedule, err := p.schedule(expression, f)
	if err != nil {
		return err
	}
	from, until, err := p.cronSpan(schedule.Zone(), f)
	if err != nil {
		return err
	}
	if f.count < 0 {
		return errors.New("-n must not be negative")
	}
	count := f.count
	if count == 0 && f.until == "" {
		count = tableLength
	}
	firings := func(yield func(cron.Firing) bool) {
		n := 0
		for firing := range schedule.Between(from, until) {
			if interrupted(cmd) != nil || !yield(firing) {
				return
			}
			if n++; n == count {
				return
			}
		}
	}
	if f.asJSON {
		err = p.writeFirings(schedule.Zone(), firings)
	} else {
		err = p.printFirings(schedule, firings, from)
	}
	return errors.Join(err, interrupted(cmd))
}

// schedule compiles the expression, the zone and the policy.
func (p *program) schedule(expression string, f cronFlags) (*cron.Schedule, error) {
	for _, w := range []struct {
		flag, given string
		words       []string
	}{
		{"--gap", f.gap, []string{"next_valid", "shift", "skip"}},
		{"--fold", f.fold, []string{"first", "second", "both"}},
		{"--class", f.class, []string{"auto", "fixed", "interval"}},
	} {
		if err := oneOf(w.flag, w.given, w.words); err != nil {
			return nil, err
		}
	}
	expr, err := cron.Parse(expression)
	if err != nil {
		return nil, p.badExpression(expression, err)
	}
	zone, err := cron.LoadZone(f.zone)
	var unknown *cron.ZoneError
	if errors.As(err, &unknown) {
		hint := "Run 'waybill explain " + unknown.Code + "' for more."
		if unknown.Suggestion != "" {
			hint = fmt.Sprintf("Write --zone %s.", unknown.Suggestion)
		}
		return nil, advise(hint, "--zone: %s [%s]", unknown.Message, unknown.Code)
	}
	if err != nil {
		return nil, err
	}
	policy := cron.Policy{Gap: cron.Gap(f.gap), Fold: cron.Fold(f.fold), Class: cron.Class(f.class)}
	return cron.New(expr, zone, policy), nil
}

// oneOf refuses a word that a flag does not know; empty is the default.
func oneOf(flag, given string, words []string) error {
	for _, w := range words {
		if given == w || given == "" {
			return nil
		}
	}
	return advise("Write "+flag+" "+strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1]+".",
		"%s does not know %q.%s", flag, given, didYouMean(given, words, ""))
}

// badExpression prints what is wrong with an expression under the expression.
func (p *program) badExpression(expression string, err error) error {
	var bad *cron.Error
	if !errors.As(err, &bad) {
		return err
	}
	p.printDiagnostics(diag.List{remark(expression, diag.Error, bad.Code, bad.Offset, bad.Length, bad.Message, bad.Fix)},
		map[string][]byte{expressionFile: []byte(expression)})
	return said(exitError)
}

// expressionFile stands for the command line where a diagnostic names its file.
const expressionFile = "expression"

// remark is what lang/cron has to say about an expression, as a diagnostic.
func remark(expression string, severity diag.Severity, code string, offset, length int, message, fix string) diag.Diagnostic {
	place := func(offset int) diag.Pos {
		return diag.Pos{Line: 1, Column: utf8.RuneCountInString(expression[:offset]) + 1, Byte: offset}
	}
	d := diag.Diagnostic{
		Code: diag.Code(code), Severity: severity, Summary: "Bad cron expression", Detail: sentence(message) + sentence(fix),
		Range: &diag.Range{Filename: expressionFile, Start: place(offset), End: place(offset + length)},
	}
	if e, ok := diag.Explain(d.Code); ok {
		d.Summary = e.Title
	}
	return d
}

// sentence turns a phrase into a sentence with a space behind it.
func sentence(phrase string) string {
	if phrase == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(phrase)
	return strings.ToUpper(string(first)) + phrase[size:] + ". "
}

// cronSpan is the stretch of time that was asked for: after from, up to until.
func (p *program) cronSpan(zone *cron.Zone, f cronFlags) (from, until time.Time, err error) {
	from, until = p.now(), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	if f.from != "" {
		if from, err = parseTime("--from", f.from, zone); err != nil {
			return from, until, err
		}
	}
	if f.until != "" {
		if until, err = parseTime("--until", f.until, zone); err != nil {
			return from, until, err
		}
	}
	if f.until != "" && until.Before(from) {
		return from, until, fmt.Errorf("--until %s is before --from", f.until)
	}
	return from, until, nil
}

// parseTime reads RFC 3339, or a date with or without a time of day on the
// zone's clocks. A time that the clocks jump over is the end of the jump, one
// that they show twice the first of the two.
func parseTime(flag, text string, zone *cron.Zone) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	wall := strings.Replace(text, "T", " ", 1)
	if len(wall) == len("2006-01-02") {
		wall += " 00:00"
	}
	if w, err := cron.ParseWall(wall); err == nil {
		if t, ok := zone.Instant(w, cron.NextValid, cron.First); ok {
			return t, nil
		}
	}
	return time.Time{}, advise("Write 2026-11-01T08:00:00Z, or 2026-11-01 08:00 for the clocks of "+zone.Name()+".",
		"%s does not understand the time %q", flag, text)
}

// firing is one element of the JSON document. Nominal is wall-clock time, so it
// has no offset.
type firing struct {
	Instant string      `json:"instant"`
	Local   string      `json:"local"`
	Nominal cron.Wall   `json:"nominal"`
	Reason  cron.Reason `json:"reason"`
}

// writeFirings writes {"firings":[…]}, one firing a line, as they are found.
func (p *program) writeFirings(zone *cron.Zone, firings iter.Seq[cron.Firing]) error {
	out := bufio.NewWriter(p.stdout)
	comma := ""
	fmt.Fprint(out, "{\n  \"firings\": [")
	for f := range firings {
		text, err := json.Marshal(firing{
			Instant: f.Instant.UTC().Format(time.RFC3339),
			Local:   f.Local(zone).Format(time.RFC3339),
			Nominal: f.Nominal,
			Reason:  f.Reason,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n    %s", comma, text)
		comma = ","
	}
	if comma != "" {
		fmt.Fprint(out, "\n  ")
	}
	fmt.Fprint(out, "]\n}\n")
	return out.Flush()
}

// printFirings writes the sentence, the remarks and the table.
func (p *program) printFirings(s *cron.Schedule, firings iter.Seq[cron.Firing], from time.Time) error {
	expression := s.Expr().Source()
	var notes diag.List
	for _, n := range s.Expr().Notes() {
		severity := diag.Warning
		if e, ok := diag.Explain(diag.Code(n.Code)); ok {
			severity = e.Severity
		}
		notes = append(notes, remark(expression, severity, n.Code, n.Offset, n.Length, n.Message, n.Fix))
	}
	p.printDiagnostics(notes, map[string][]byte{expressionFile: []byte(expression)})

	w := p.stdout
	fmt.Fprintf(w, "%s\n%s\n\n", p.paint(w, bold, s.Expr().Describe()), p.classLine(s))
	t := table{head: []string{" ", "LOCAL", "UTC", "NOTE"}}
	for f := range firings {
		mark, note := firingNote(f)
		paint := func(text string) string { return p.paint(w, yellow, text) }
		t.cells(cell{mark, paint}, cell{text: f.Local(s.Zone()).Format("Mon 2006-01-02 15:04 MST")},
			cell{text: f.Instant.UTC().Format("2006-01-02 15:04Z")}, cell{note, paint})
	}
	if len(t.rows) == 0 {
		_, err := fmt.Fprintf(w, "It does not fire in that time (after %s).\n", from.UTC().Format(time.RFC3339))
		return err
	}
	return t.write(w)
}

// classLine says in which zone and by which rules the schedule is read.
func (p *program) classLine(s *cron.Schedule) string {
	if !s.Fixed() {
		return fmt.Sprintf("Zone %s; an interval: it keeps its pace when clocks change.", s.Zone().Name())
	}
	policy := s.Policy()
	return fmt.Sprintf("Zone %s; fixed times: gap %s, fold %s.", s.Zone().Name(), policy.Gap, policy.Fold)
}

// firingNote is the mark and the words for what a change of the clock did.
func firingNote(f cron.Firing) (mark, note string) {
	switch f.Reason {
	case cron.GapMoved:
		return "!", fmt.Sprintf("moved: there is no %s", f.Nominal.Clock())
	case cron.OverlapFirst:
		return "!", fmt.Sprintf("the first of two %s", f.Nominal.Clock())
	case cron.OverlapSecond:
		return "!", fmt.Sprintf("the second of two %s", f.Nominal.Clock())
	default:
		return " ", ""
	}
}
