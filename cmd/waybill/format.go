package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/diag"
)

// The forms in which problems are printed.
const (
	formatText    = "text"
	formatCompact = "compact"
	formatGitHub  = "github"
	formatSARIF   = "sarif"
)

// The forms of a whole plan, with its problems.
const (
	formatMarkdown = "markdown"
	formatHTML     = "html"
)

// formatFlag adds --format to a command that prints problems.
func formatFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "",
		"print problems as text, compact (a line each), github (annotations) or sarif (a log); text, or in GitHub Actions github, if unset")
}

// problemFormat is the form that was asked for, one of problems or one of the
// others that the command knows. In GitHub Actions it is annotations unless
// something else was.
func (p *program) problemFormat(given string, asJSON bool, others ...string) (string, error) {
	switch {
	case given != "" && asJSON:
		return "", advise("Leave one of them out.", "--json and --format %s are two forms of the same", given)
	case given == "" && asJSON:
		return formatText, nil
	case given == "" && p.env["GITHUB_ACTIONS"] == "true":
		return formatGitHub, nil
	case given == "":
		return formatText, nil
	}
	return given, oneOf("--format", given, append([]string{formatText, formatCompact, formatGitHub, formatSARIF}, others...))
}

// writeProblems writes the problems of a workspace to w in a form, text to
// stderr with their sources, and there notes in full only where that is wanted.
func (p *program) writeProblems(w io.Writer, format string, l diag.List, from *workspace, notes bool) error {
	switch format {
	case formatCompact:
		return diag.WriteCompact(w, l, fromHere(from.dir))
	case formatGitHub:
		return diag.WriteGitHub(asIs(w), l, p.fromRepository(from.dir))
	case formatSARIF:
		return diag.WriteSARIF(asIs(w), l, diag.SARIFOptions{Base: p.fromRepository(from.dir), Version: thisRelease().number(), Sources: from.sources})
	}
	p.printProblems(l, from.sources, notes)
	return nil
}

// fromHere is a directory as a person in the working directory names it, "" for
// that itself.
func fromHere(dir string) string {
	if dir = filepath.ToSlash(filepath.Clean(dir)); dir != "." {
		return dir
	}
	return ""
}

// fromRepository is the path of a directory from the root of its repository,
// which is the checkout of GitHub Actions, else the directory above it that
// holds .git. Outside of a repository it is the directory as it was named.
func (p *program) fromRepository(dir string) string {
	whole, err := resolved(dir)
	if err != nil {
		return fromHere(dir)
	}
	if root := p.env["GITHUB_WORKSPACE"]; root != "" {
		if root, err := resolved(root); err == nil {
			if inside, ok := below(root, whole); ok {
				return inside
			}
		}
	}
	for root := whole; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			inside, _ := below(root, whole)
			return inside
		}
		if root == filepath.Dir(root) {
			return fromHere(dir)
		}
	}
}

// resolved is a path without symbolic links, from the root of the machine.
func resolved(path string) (string, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	return filepath.EvalSymlinks(whole)
}

// below is the path of dir from root, with slashes; false if it is not inside.
func below(root, dir string) (string, bool) {
	inside, err := filepath.Rel(root, dir)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", false
	}
	return fromHere(inside), true
}
