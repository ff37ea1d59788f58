package diag

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// WriteGitHub writes problems as the workflow commands that GitHub Actions turns
// into annotations of the changed lines. Errors come first, then warnings, then
// notes, because GitHub shows only the first ten of a step. base is the path of
// the workspace from the root of the repository, with slashes; "" is the root.
// The error is that of w.
func WriteGitHub(w io.Writer, l List, base string) error {
	sorted := l.Sorted()
	slices.SortStableFunc(sorted, func(a, b Diagnostic) int { return cmp.Compare(a.Severity.rank(), b.Severity.rank()) })
	out := bufio.NewWriter(w)
	for _, d := range sorted {
		out.WriteString(annotation(d, base))
	}
	return out.Flush()
}

// annotation is one workflow command.
func annotation(d Diagnostic, base string) string {
	command := map[Severity]string{Error: "error", Warning: "warning"}[d.Severity]
	if command == "" {
		command = "notice"
	}
	var properties []string
	add := func(name string, value any) {
		properties = append(properties, name+"="+property(fmt.Sprint(value)))
	}
	if r := d.Range; r != nil {
		add("file", path.Join(base, r.Filename))
		add("line", r.Start.Line)
		add("col", r.Start.Column)
		add("endLine", max(r.End.Line, r.Start.Line))
		if r.End.Line == r.Start.Line { // GitHub knows no columns over several lines
			add("endColumn", max(r.End.Column, r.Start.Column))
		}
	}
	add("title", title(d))
	return "::" + command + " " + strings.Join(properties, ",") + "::" + message(annotationText(d, base)) + "\n"
}

// title is the summary with its code.
func title(d Diagnostic) string {
	if d.Code == "" {
		return d.Summary
	}
	return d.Summary + " [" + string(d.Code) + "]"
}

// annotationText is the detail and the other places that matter.
func annotationText(d Diagnostic, base string) string {
	lines := []string{cmp.Or(d.Detail, d.Summary)}
	if where := inBlock(d.Address); where != "" && d.Range == nil {
		lines = append(lines, "", "This is "+where+".")
	}
	for _, r := range d.Related {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", path.Join(base, r.Range.Filename), r.Range.Start.Line, r.Message))
	}
	return strings.Join(lines, "\n")
}

var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// message escapes the text of a command, which may have several lines.
func message(text string) string { return escapeMessage.Replace(printableLines(text)) }

func property(text string) string { return escapeProperty.Replace(printable(text)) }

// printableLines is printable for text whose lines stay.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
