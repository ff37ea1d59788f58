package diag_test

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
)

// The good examples of the language are HCL; those of plan and apply are command
// lines.
func TestGoodExamplesParse(t *testing.T) {
	t.Parallel()
	for _, e := range diag.Entries() {
		if e.Code >= "WB900" {
			continue
		}
		if _, problems := hclsyntax.ParseConfig([]byte(e.Good), string(e.Code), hcl.InitialPos); problems.HasErrors() {
			t.Errorf("%s: the good example does not parse: %v", e.Code, problems)
		}
	}
}

var (
	scheduleOf = regexp.MustCompile(`schedule\s*=\s*"([^"]*)"`)
	timezoneOf = regexp.MustCompile(`timezone\s*=\s*"([^"]*)"`)
)

// codesOf is what lang/cron says of the schedule and the zone of an example.
func codesOf(t *testing.T, example string) (refused, remarked []diag.Code) {
	t.Helper()
	if m := scheduleOf.FindStringSubmatch(example); m != nil {
		expr, err := cron.Parse(m[1])
		var wrong *cron.Error
		switch {
		case errors.As(err, &wrong):
			refused = append(refused, diag.Code(wrong.Code))
		case err != nil:
			t.Fatal(err)
		default:
			for _, n := range expr.Notes() {
				remarked = append(remarked, diag.Code(n.Code))
			}
		}
	}
	if m := timezoneOf.FindStringSubmatch(example); m != nil {
		_, err := cron.LoadZone(m[1])
		var wrong *cron.ZoneError
		if errors.As(err, &wrong) {
			refused = append(refused, diag.Code(wrong.Code))
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return refused, remarked
}

// The schedule and the zone of every good example are accepted, and what
// lang/cron finds in the bad ones is what they are examples of.
func TestExamplesOfSchedules(t *testing.T) {
	t.Parallel()
	byCron := []diag.Code{
		diag.CronSyntax, diag.CronRange, diag.CronWrongField, diag.CronReversedRange, diag.CronFieldCount,
		diag.CronMacro, diag.CronNever, diag.ZoneUnknown, diag.ZoneAbbreviation, diag.ZoneCase, diag.ZoneReserved,
	}
	byNotes := []diag.Code{
		diag.CronExtension, diag.CronStepTooLong, diag.CronUnevenStep, diag.CronStepOnValue, diag.CronRedundant,
		diag.CronSunday, diag.CronSpelling, diag.CronLeapDay, diag.CronShortMonth, diag.CronEitherDay, diag.CronBothDays, diag.CronSameDay, diag.CronEachMinute,
	}
	for _, e := range diag.Entries() {
		refused, remarked := codesOf(t, e.Good)
		if len(refused) > 0 {
			t.Errorf("%s: the good example is refused: %v", e.Code, refused)
		}
		if slices.Contains(remarked, e.Code) {
			t.Errorf("%s: the good example has the problem it should not have", e.Code)
		}
		refused, remarked = codesOf(t, e.Bad)
		if slices.Contains(byCron, e.Code) && !slices.Contains(refused, e.Code) {
			t.Errorf("%s: the bad example is refused as %v", e.Code, refused)
		}
		if slices.Contains(byNotes, e.Code) && !slices.Contains(remarked, e.Code) {
			t.Errorf("%s: the bad example is remarked on as %v", e.Code, remarked)
		}
	}
}
