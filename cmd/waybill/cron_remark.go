package main

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
)

// badExpression prints what is wrong with an expression under the expression.
func (p *program) badExpression(expression string, err error) error {
	var bad *cron.Error
	if !errors.As(err, &bad) {
		return err
	}
	p.printDiagnostics(diag.List{remark(expression, diag.Error, bad.Code, bad.Offset, bad.Length, bad.Message, bad.Fix)},
		map[string][]byte{expressionFile: []byte(expression)})
	return said(exitError)
}

// expressionFile stands for the command line where a diagnostic names its file.
const expressionFile = "expression"

// remark is what lang/cron has to say about an expression, as a diagnostic.
func remark(expression string, severity diag.Severity, code string, offset, length int, message, fix string) diag.Diagnostic {
	place := func(offset int) diag.Pos {
		return diag.Pos{Line: 1, Column: utf8.RuneCountInString(expression[:offset]) + 1, Byte: offset}
	}
	d := diag.Diagnostic{
		Code: diag.Code(code), Severity: severity, Summary: "Bad cron expression", Detail: sentence(message) + sentence(fix),
		Range: &diag.Range{Filename: expressionFile, Start: place(offset), End: place(offset + length)},
	}
	if e, ok := diag.Explain(d.Code); ok {
		d.Summary = e.Title
	}
	return d
}

// sentence turns a phrase into a sentence with a space behind it.
func sentence(phrase string) string {
	if phrase == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(phrase)
	return strings.ToUpper(string(first)) + phrase[size:] + ". "
}

// printNotes prints what there is to say about a valid expression.
func (p *program) printNotes(e *cron.Expr) {
	expression := e.Source()
	var notes diag.List
	for _, n := range e.Notes() {
		severity := diag.Warning
		if e, ok := diag.Explain(diag.Code(n.Code)); ok {
			severity = e.Severity
		}
		notes = append(notes, remark(expression, severity, n.Code, n.Offset, n.Length, n.Message, n.Fix))
	}
	p.printDiagnostics(notes, map[string][]byte{expressionFile: []byte(expression)})
}
