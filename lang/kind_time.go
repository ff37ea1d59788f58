package lang

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/cron"
	"github.com/waybill-dev/waybill/lang/diag"
)

// cron checks a schedule and reports what is doubtful in it.
func (c conversion) cron(text string) bool {
	e, err := cron.Parse(text)
	if err != nil {
		var bad *cron.Error
		if !errors.As(err, &bad) {
			bad = &cron.Error{Code: "WB101", Length: len(text), Message: err.Error()}
		}
		c.scope.report.add(diag.Code(bad.Code), c.inside(text, bad.Offset, bad.Length), title(diag.Code(bad.Code)), "%s", sentence(bad.Message, bad.Fix))
		return false
	}
	for _, n := range e.Notes() {
		c.scope.report.add(diag.Code(n.Code), c.inside(text, n.Offset, n.Length), title(diag.Code(n.Code)), "%s", sentence(n.Message, n.Fix))
	}
	return true
}

// zone checks the name of a time zone.
func (c conversion) zone(name string) bool {
	z, err := cron.LoadZone(name)
	var bad *cron.ZoneError
	if err == nil {
		c.zoneNotes(z)
		return true
	}
	if !errors.As(err, &bad) {
		bad = &cron.ZoneError{Code: "WB501", Message: err.Error()}
	}
	fix := `write a region and a city, such as "Europe/Berlin", or "UTC"`
	if bad.Suggestion != "" {
		fix = fmt.Sprintf("write %q", bad.Suggestion)
	}
	if len(c.schema.Words) > 0 {
		if near := diag.Suggest(name, c.schema.Words); near != "" {
			fix = fmt.Sprintf("write %q", near)
		}
	}
	message := sentence(bad.Message, fix)
	if strings.HasPrefix(bad.Message, name) { // a name keeps its letters
		message = name + message[len(name):]
	}
	c.scope.report.add(diag.Code(bad.Code), c.at, title(diag.Code(bad.Code)), "%s", message)
	return false
}

// zoneNotes reports what is doubtful in a zone's name.
func (c conversion) zoneNotes(z *cron.Zone) {
	name := z.Name()
	if sign := strings.TrimPrefix(name, "Etc/GMT"); sign != name && len(sign) > 1 && sign != "+0" && sign != "-0" {
		ahead := "behind"
		if sign[0] == '-' {
			ahead = "ahead of"
		}
		c.scope.report.add(diag.ZoneSign, c.at, title(diag.ZoneSign), "%s is %s hours %s UTC: the sign of these names is the other way round. Name a city's zone, such as Europe/Paris, if that is what is meant.",
			name, sign[1:], ahead)
		return
	}
	if alias := z.Alias(); alias != "" && alias != name && name != "UTC" {
		c.scope.report.add(diag.ZoneAlias, c.at, title(diag.ZoneAlias), "%s is an older name of %s. Write %q.", name, alias, alias)
	}
}

// sentence joins what is wrong and what to do.
func sentence(message, fix string) string {
	text := upperFirst(message) + "."
	if fix != "" {
		text += " " + upperFirst(fix) + "."
	}
	return text
}

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

func title(c diag.Code) string {
	e, _ := diag.Explain(c)
	return e.Title
}

// inside narrows the attribute's range to some bytes of its text, where the text
// was written as a plain literal in ASCII.
func (c conversion) inside(text string, offset, length int) *diag.Range {
	t, ok := c.expr.(*hclsyntax.TemplateExpr)
	if !ok || !t.IsStringLiteral() || c.at.Start.Line != c.at.End.Line || c.at.End.Byte-c.at.Start.Byte != len(text)+2 || !ascii(text) {
		return c.at
	}
	from := min(max(offset, 0), len(text))
	to := min(max(from+length, from), len(text))
	if to == from { // something is missing: point at the character after
		to++
	}
	r := *c.at
	r.End = r.Start
	r.Start.Column += 1 + from
	r.Start.Byte += 1 + from
	r.End.Column += 1 + to
	r.End.Byte += 1 + to
	return &r
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
