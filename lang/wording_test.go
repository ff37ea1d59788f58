package lang_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/diag"
)

// jargon is words of Go, of the HCL and cty libraries and of compilers, which say
// nothing to a person who writes a workspace.
var jargon = regexp.MustCompile(`(?i)\b(argument\(s\)|cty|hclsyntax|traversals?|nil|interpolation|operands?|tuple required|have tuple|constraint:|ellipsis|` +
	`primitive-typed|type specification|panic|goroutine|interface|struct|int64|float64|unmarshal|eof|token type|lexer|syntax tree|expression result|keyword|identifier required)\b`)

var (
	messageHead = regexp.MustCompile(`^(Error|Warning|Note): \S.* \[WB\d{3}\]$`)
	messageAt   = regexp.MustCompile(`^  on (\S+\.\w+:\d+:\d+)(, in .+)?:$`)
	sourceLine  = regexp.MustCompile(`^ *\d+ \| `)
	markLine    = regexp.MustCompile(`^ +\|[ ]*\^~*$`)
)

// What every invalid example prints without colour has a code, a place, the source
// with the stretch at fault marked, and words that say what is wrong to somebody
// who knows neither Go nor this program.
func TestWording(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"testdata/invalid/*.txt", "testdata/inputs/*/diagnostics.txt", "../plan/testdata/messages/*.txt"} {
		found, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no messages at %s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, path := range files {
		text := strings.TrimRight(string(readFile(t, path)), "\n")
		for message := range strings.SplitSeq(text, "\n\nError: ") {
			checkWords(t, path, message)
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("%s: colour", path)
		}
	}
	for _, path := range invalidFiles(t) {
		list, sources := load(t, readFile(t, path))
		for _, d := range list {
			var b strings.Builder
			diag.WriteText(&b, diag.List{d}, sources, diag.TextOptions{Width: 100})
			checkMessage(t, path, b.String(), d)
		}
	}
}

// checkWords looks for words that are not for people, outside of source lines.
func checkWords(t *testing.T, path, message string) {
	t.Helper()
	for line := range strings.SplitSeq(message, "\n") {
		if sourceLine.MatchString(line) {
			continue
		}
		if found := jargon.FindString(line); found != "" {
			t.Errorf("%s: %q is no word for a message: %s", path, found, line)
		}
	}
}

// checkMessage holds one message to its form.
func checkMessage(t *testing.T, path, message string, d diag.Diagnostic) {
	t.Helper()
	lines := strings.Split(strings.TrimRight(message, "\n"), "\n")
	if !messageHead.MatchString(lines[0]) {
		t.Errorf("%s: the first line has no code: %s", path, lines[0])
	}
	if end := strings.TrimSpace(d.Detail); end == "" || !strings.Contains(d.Detail, "\n\n") && !strings.ContainsAny(end[len(end)-1:], ".?}") {
		t.Errorf("%s: %s ends without saying what to do: %q", path, d.Code, d.Detail)
	}
	if d.Range == nil {
		return
	}
	if len(lines) < 5 || !messageAt.MatchString(lines[2]) || !sourceLine.MatchString(lines[3]) || !markLine.MatchString(lines[4]) {
		t.Errorf("%s: no place with its source and a mark:\n%s", path, message)
	}
}
