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
