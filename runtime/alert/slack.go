package alert

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// What Slack takes: characters of a header and of a section.
const (
	maxHeader  = 150
	maxSection = 3000
)

// slack sends a message to a Slack channel. An incoming webhook does not say
// which message it made, so that messages of an incident share its key and no
// thread.
func (s *Sender) slack(ctx context.Context, a *graph.Alert, values *value.Resolver, d Delivery) (string, error) {
	url, err := address(a, values)
	if err != nil {
		return "", err
	}
	client, heard := s.listen(values.Secrets.Redactor())
	return heard.judge(slack.PostWebhookCustomHTTPContext(ctx, url, client, slackMessage(d.Message)))
}

func slackMessage(m Message) *slack.WebhookMessage {
	blocks := []slack.Block{slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, cut(m.headline(), maxHeader), false, false))}
	section := func(text string) {
		blocks = append(blocks, slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, text, false, false), nil, nil))
	}
	section(cut(slackEscape(m.Text), maxSection))
	if names := m.list(); len(names) > 0 {
		section(fenced(strings.Join(names, "\n")))
	}
	if advice := m.advice(); advice != "" {
		section(cut(slackEscape(advice), maxSection))
	}
	if m.Command != "" {
		section(fenced(m.Command))
	}
	if len(m.Log) > 0 {
		var lines []string
		for _, l := range m.Log {
			lines = append(lines, m.time(l.At)+"  "+l.Text)
		}
		section(fenced(strings.Join(lines, "\n")))
	}
	var facts []string
	for _, f := range m.facts() {
		facts = append(facts, f[0]+": "+f[1])
	}
	blocks = append(blocks, slack.NewContextBlock("",
		slack.NewTextBlockObject(slack.MarkdownType, cut(slackEscape(strings.Join(facts, "  ·  ")), maxSection), false, false)))
	return &slack.WebhookMessage{Text: slackEscape(m.headline()), Blocks: &slack.Blocks{BlockSet: blocks}}
}

// fenced is a text that Slack shows as it is, cut to what a section takes.
func fenced(s string) string {
	const fence = "```"
	s = strings.ReplaceAll(slackEscape(s), fence, "'''")
	return fence + cut(s, maxSection-2*len(fence)) + fence
}

var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
