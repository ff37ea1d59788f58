package diag

import (
	"fmt"
	"strings"
)

// chapters are the hundreds of the catalogue.
var chapters = []struct{ digit, title string }{
	{"1", "Cron expressions"},
	{"2", "Calendar"},
	{"3", "Daylight saving"},
	{"4", "Data windows and file names"},
	{"5", "Time zones"},
	{"6", "Load and overlap"},
	{"7", "Language"},
	{"8", "Groups, couriers and what follows them"},
	{"9", "Plan and apply"},
}

// ExplainText is the entry of a code for a terminal, or "" for a code that does
// not exist. It takes what ParseCode takes.
func ExplainText(code string) string {
	e, ok := Explain(ParseCode(code))
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n\n", e.Code, strings.ToLower(e.Severity.word()), e.Title)
	for _, line := range wrap(e.Explanation, 78) {
		b.WriteString(line + "\n")
	}
	b.WriteString("\nInstead of\n\n" + indent(e.Bad) + "\nwrite\n\n" + indent(e.Good))
	return b.String()
}

// Markdown is the whole catalogue as docs/diagnostics.md holds it.
func Markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, c := range chapters {
		var entries []Entry
		for _, e := range table {
			if strings.HasPrefix(string(e.Code), "WB"+c.digit) {
				entries = append(entries, e)
			}
		}
		if len(entries) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %sxx: %s\n\n| code | | |\n|---|---|---|\n", c.digit, c.title)
		for _, e := range entries {
			fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", e.Code, strings.ToLower(string(e.Code)),
				strings.ToLower(e.Severity.word()), strings.ReplaceAll(markdown(e.Title), "|", `\|`))
		}
		for _, e := range entries {
			fmt.Fprintf(&b, "\n<a id=\"%s\"></a>\n\n### %s: %s\n\n*%s.* %s\n\n", strings.ToLower(string(e.Code)), e.Code, markdown(e.Title),
				e.Severity.word(), markdown(strings.TrimSpace(e.Explanation)))
			language := "hcl"
			if strings.HasPrefix(string(e.Code), "WB9") {
				language = "console"
			}
			fmt.Fprintf(&b, "Instead of\n\n%swrite\n\n%s", fence(language, e.Bad), strings.TrimSuffix(fence(language, e.Good), "\n"))
		}
	}
	b.WriteString(elsewhere)
	return b.String()
}

const preface = `<!-- Generated from lang/diag by "make generate". Do not edit. -->

# Diagnostics

Everything that Waybill can say about a workspace has a code that never changes
its meaning. ` + "`waybill explain WB301`" + ` prints one entry of this list.

An **error** stops the work. A **warning** names something that will surprise
somebody; it is answered by stating the policy it asks for, or by listing its code
in ` + "`accept`" + ` of the group it is about. A **note** is for information.
`

// elsewhere is what the catalogue leaves out, and why.
const elsewhere = `
## What is not in this list

The numbers come from a survey of what goes wrong with schedules anywhere. Some of
it cannot go wrong here, and its number stays unused:

- **WB207, a list that comes to nearly every minute.** What matters is how often a
  group runs: WB605.
- **WB315, a clock policy that the target cannot carry out.** A schedule is not
  handed to another scheduler. Waybill runs what the plan shows, by the same code.
- **WB402, data that is read twice.** A range begins where the one before it ended,
  so that no schedule can do that; the plan proves it for ten years. A look-back of a
  fixed length, which reads an hour twice each spring, cannot be written.
- **WB403, WB404, WB405, ranges that are longer or shorter than others.** A range is
  as long as the time between its runs: WB305 and WB308 say when that is not a day.
- **WB510, a zone that differs from that of the container.** The machine's zone and
  its zone files are never looked at; the zone data is part of the program.
- **WB607, a backlog that stops the job**, as a hundred missed starts of a Kubernetes
  CronJob do. Here ` + "`catch_up`" + ` says what becomes of missed ticks, and a range longer
  than ` + "`max_range`" + ` blocks the group with an alert.
- **WB608, a restart within a repeated hour that starts the run again.** The last tick
  is in the store, with its instant; a restart goes on from there.
- **What other libraries make of an expression.** Waybill says where crons disagree
  (WB104, WB105, WB106, WB107, WB110, WB112, WB205) and does not list each one's
  faults: losing a whole day whose midnight does not exist, running twice in a
  repeated hour, or not at all in some zones.
- **Two groups that one courier ties together by the clock, across zones.** Only an
  after block says that one waits for the other (WB311, WB317); within one zone the
  order on the clock is looked at as well (WB309, WB310).
`

// markdown escapes what a text means literally and Markdown does not, outside of
// back quotes.
func markdown(s string) string {
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.NewReplacer("*", `\*`, "<", `\<`).Replace(parts[i])
	}
	return strings.Join(parts, "`")
}

func fence(language, code string) string {
	return "```" + language + "\n" + strings.Trim(code, "\n") + "\n```\n\n"
}

func indent(code string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.Trim(code, "\n"), "\n") {
		if line != "" {
			line = "  " + line
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
