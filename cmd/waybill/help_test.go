package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFitsTerminals checks that no help text is wider than the narrowest
// terminal, and that each says what it does with an example.
func TestHelpFitsTerminals(t *testing.T) {
	t.Parallel()
	p := &program{env: map[string]string{}}
	for _, c := range p.rootCommand().Commands() {
		if c.Name() == "help" || c.Name() == "exit-codes" {
			continue
		}
		if c.Example == "" || !strings.HasPrefix(c.Example, "waybill "+c.Name()) && c.Name() != "completion" {
			t.Errorf("%s: its help has no example of it", c.Name())
		}
		checkWidth(t, c.Name(), c.Short+"\n"+reflow(c.Long, minWidth)+"\n  "+strings.ReplaceAll(c.Example, "\n", "\n  "))
	}
	_, overview, _ := waybill(t, "help")
	checkWidth(t, "help", overview[:strings.Index(overview, "\nFlags:")])
	_, codes, _ := waybill(t, "help", "exit-codes")
	checkWidth(t, "exit-codes", codes)
}

func checkWidth(t *testing.T, name, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if n := utf8.RuneCountInString(line); n > minWidth {
			t.Errorf("help %s: this line has %d columns:\n%s", name, n, line)
		}
	}
}
