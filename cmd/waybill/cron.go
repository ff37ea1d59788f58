package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/window"
)

// cronFlags is the question that `waybill cron` was asked.
type cronFlags struct {
	zone, from, until string
	gap, fold, class  string
	count             int
	year, asJSON      bool
}

// tableLength is how many firings are printed when nothing bounds them.
const tableLength = 10

func (p *program) cronCommand() *cobra.Command {
	var f cronFlags
	cmd := &cobra.Command{
		Use:   "cron EXPR [--zone ZONE]",
		Short: "Show when a cron expression fires, in a time zone",
		Long: "Says in words what a cron expression means, and shows its next times. A time that\n" +
			"a change of the clock moves or doubles is marked with !, any other on the day of\n" +
			"a change with ~. Below are the changes of the next 400 days that matter, and on\n" +
			"a terminal how often it runs on each day of a year.\n\n" +
			"A time is 2026-11-01T08:00:00Z, or 2026-11-01 01:00 on the clocks of the zone.",
		Example: "waybill cron '30 1 * * *' --zone America/Los_Angeles\n" +
			"waybill cron '*/15 * * * 1-5' --zone Europe/Berlin --year\n" +
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
	flags.BoolVar(&f.year, "year", false, "draw how often it runs on each day of a year (default on a terminal)")
	flags.BoolVar(&f.asJSON, "json", false, "print one JSON document")
	return cmd
}

func (p *program) cron(cmd *cobra.Command, expression string, f cronFlags) error {
	if f.asJSON && f.year {
		return advise("Leave one of them out.", "--year is drawn for people, and --json is not for them")
	}
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
		year := f.year || isTerminal(p.stdout) && !cmd.Flags().Changed("year")
		err = p.printCron(schedule, firings, from, year)
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
	if window.NoSuchDay(text) {
		return time.Time{}, fmt.Errorf("%s %s: there is no such day", flag, text)
	}
	return time.Time{}, advise("Write 2026-11-01T08:00:00Z, or 2026-11-01 08:00 or 2026-11-01 for the clocks of "+zone.Name()+".",
		"%s does not understand the time %q", flag, text)
}
