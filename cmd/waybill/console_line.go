package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/term"
)

// asker returns what asks for a line. On a terminal the line can be edited, and the
// arrows bring back earlier ones.
func (c *console) asker() func(ctx context.Context, question string) (string, error) {
	in, ok := c.stdin.(*os.File)
	if !ok || !isTerminal(c.stdout) || c.env["TERM"] == "dumb" {
		return func(ctx context.Context, question string) (string, error) {
			if _, err := io.WriteString(c.stdout, question); err != nil {
				return "", err
			}
			return c.readLine(ctx)
		}
	}
	pressed := &keys{from: in}
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{pressed, asIs(c.stdout)}, "")
	return func(ctx context.Context, question string) (string, error) {
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return "", err
		}
		defer func() { _ = term.Restore(int(in.Fd()), before) }() // nobody is left to be told
		if columns, rows, err := term.GetSize(int(in.Fd())); err == nil {
			_ = terminal.SetSize(columns, rows)
		}
		terminal.SetPrompt(question)
		line, err := within(ctx, terminal.ReadLine)
		if ctx.Err() == nil && pressed.interrupt {
			return "", said(exitInterrupted)
		}
		return line, err
	}
}

// keys notes that Ctrl-C was pressed, which is no signal while a line is edited.
type keys struct {
	from      io.Reader
	interrupt bool
}

func (k *keys) Read(b []byte) (int, error) {
	const ctrlC = 3
	n, err := k.from.Read(b)
	k.interrupt = k.interrupt || bytes.IndexByte(b[:n], ctrlC) >= 0
	return n, err
}

// within reads a line, giving up when ctx ends.
func within(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := read()
		got <- answer{line, err}
	}()
	select {
	case a := <-got:
		return a.line, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// mostLines bounds how far the end of an expression is looked for.
const mostLines = 200

// expressionLines is how many of the first lines are one expression.
func expressionLines(lines []string) int {
	for n := 1; n <= min(len(lines), mostLines); n++ {
		if n > 1 && strings.TrimSpace(lines[n-1]) == "" {
			break
		}
		if !unfinished(strings.Join(lines[:n], "\n")) {
			return n
		}
	}
	return 1
}

// unfinished reports whether a bracket or a heredoc of an expression is still open.
func unfinished(text string) bool {
	tokens, _ := hclsyntax.LexExpression([]byte(text), "", hcl.InitialPos)
	open := 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			open++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			open--
		}
	}
	return open > 0
}
