package alert

import (
	"html"
	"strings"
)

// html is the message for mail programs that show HTML. It carries no images
// and loads nothing.
func (m Message) html() string {
	var b strings.Builder
	add := func(before, text, after string) { b.WriteString(before + html.EscapeString(text) + after + "\n") }
	b.WriteString("<!DOCTYPE html>\n<html><body style=\"font-family: sans-serif; font-size: 14px\">\n")
	add(`<h2 style="font-size: 18px">`, m.headline(), "</h2>")
	add("<p>", m.Text, "</p>")
	if names := m.list(); len(names) > 0 {
		b.WriteString("<ul>\n")
		for _, name := range names {
			add("<li><code>", name, "</code></li>")
		}
		b.WriteString("</ul>\n")
	}
	if advice := m.advice(); advice != "" {
		add("<p>", advice, "</p>")
	}
	if m.Command != "" {
		add(`<pre style="background: #f0f0f0; padding: 8px">`, m.Command, "</pre>")
	}
	if len(m.Log) > 0 {
		b.WriteString("<p>What happened:</p>\n<ul>\n")
		for _, l := range m.Log {
			add("<li>", m.time(l.At)+": "+l.Text, "</li>")
		}
		b.WriteString("</ul>\n")
	}
	b.WriteString(`<p style="color: #606060">` + "\n")
	for _, f := range m.facts() {
		add("", f[0]+": "+f[1], "<br>")
	}
	b.WriteString("</p>\n</body></html>\n")
	return b.String()
}
