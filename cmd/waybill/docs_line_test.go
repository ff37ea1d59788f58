package main

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

var (
	// typedLine is a command line of a block; the prompt is there where its output is.
	typedLine = regexp.MustCompile(`(?m)^(?:\$ )?(waybill [^\n]*)`)
	// typedInline is one in the middle of a sentence, or in the cell of a table.
	typedInline = regexp.MustCompile("`(waybill [^`{]+)`")
	// wordOfLine is a word as a shell takes it, in quotes or without.
	wordOfLine = regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`)
	// restOfLine is where the shell goes on with something else.
	restOfLine = regexp.MustCompile(`\s(#|\\?\||&&|>|;|&$).*|\$\(.*`)
)

// Every command line that a document or a help text shows, run by a test or not, is of
// a command that there is, with flags that it has.
func TestCommandLinesOfDocuments(t *testing.T) {
	t.Parallel()
	count := 0
	check := func(where, line string) {
		t.Helper()
		count++
		var args []string
		for _, word := range wordOfLine.FindAllString(restOfLine.ReplaceAllString(line, ""), -1)[1:] {
			args = append(args, strings.NewReplacer("'", "", `"`, "").Replace(word))
		}
		if len(args) > 0 && args[0] == "help" {
			args = args[1:]
		}
		root := (&program{stdout: io.Discard, stderr: io.Discard}).rootCommand()
		root.SetContext(context.Background())
		cmd, rest, err := root.Find(args)
		if err != nil || cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
			t.Errorf("%s: %s: there is no such command (%v)", where, line, err)
			return
		}
		var needs *pflag.ValueRequiredError // a sentence may speak of a flag alone
		if err := cmd.ParseFlags(rest); err != nil && !errors.As(err, &needs) {
			t.Errorf("%s: %s: %v", where, line, err)
		}
	}
	for _, path := range documents(t) {
		document := readDocument(t, path)
		for _, f := range fences(t, path, document) {
			if f.info == "sh" || f.info == "console" {
				for _, m := range typedLine.FindAllStringSubmatch(f.text, -1) {
					check(path, m[1])
				}
			}
		}
		for _, m := range typedInline.FindAllStringSubmatch(codeBlock.ReplaceAllString(document, ""), -1) {
			check(path, strings.ReplaceAll(m[1], "\n", " "))
		}
	}
	if count < 100 {
		t.Errorf("only %d command lines were found", count)
	}
}
