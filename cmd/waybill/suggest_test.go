package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whatever is misspelt, the nearest name is offered: in a file, and on the command
// line.
func TestNearestNames(t *testing.T) {
	t.Parallel()
	const good = `
variable "zone" { default = "UTC" }
locals { hour = 6 }
secret "token" { env = "TOKEN" }
process "stitch" {
  exec {
    command     = ["echo", var.zone]
    environment = { TOKEN = secret.token }
  }
}
courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "o-{yyyy}{MM}{dd}.csv" }
}
courier_group "daily" {
  schedule  = "0 ${local.hour} * * *"
  timezone  = "Europe/London"
  run_type  = "full"
  couriers  = [courier.orders]
  processes = [process.stitch]
  description = upper("x")
}
`
	for _, c := range []struct{ name, old, new, want string }{
		{"block", "courier_group \"daily\"", "courier_grop \"daily\"", "Did you mean courier_group?"},
		{"inner block", "filedrop {", "filedrp {", "Did you mean filedrop?"},
		{"attribute", "schedule ", "shedule ", "Did you mean schedule?"},
		{"inner attribute", "pattern", "patern", "Did you mean pattern?"},
		{"variable", "var.zone", "var.zoen", "Did you mean var.zone?"},
		{"local value", "local.hour", "local.huor", "Did you mean local.hour?"},
		{"secret", "secret.token }", "secret.tokn }", "Did you mean secret.token?"},
		{"courier", "[courier.orders]", "[courier.ordrs]", "Did you mean courier.orders?"},
		{"process", "[process.stitch]", "[process.stich]", "Did you mean process.stitch?"},
		{"kind of reference", "[process.stitch]", "[proces.stitch]", "Did you mean process?"},
		{"function", "upper(", "uper(", "Did you mean upper?"},
		{"word", `"full"`, `"ful"`, `Did you mean "full"?`},
		{"zone", "Europe/London", "Europe/Londn", `Europe/London`},
		{"letter case of a zone", "Europe/London", "europe/london", `Write "Europe/London".`},
		{"token of a pattern", "{yyyy}", "{YYYY}", "Write {yyyy}."},
		{"type", `{ default = "UTC" }`, "{ type = strng }", "Did you mean string?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if !strings.Contains(good, c.old) {
				t.Fatalf("%q is not in the workspace", c.old)
			}
			if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(strings.Replace(good, c.old, c.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, problems bytes.Buffer
			run(context.Background(), []string{"validate", dir}, nil, strings.NewReader(""), &out, &problems)
			text := strings.Join(strings.Fields(problems.String()), " ")
			if !strings.Contains(text, c.want) {
				t.Errorf("%q is not said:\n%s", c.want, problems.String())
			}
		})
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"store", "bakup"}, `waybill store has no command "bakup". Did you mean "backup"?`},
		{[]string{"runs", "--limit", "ten"}, `--limit "ten" is no number: write one in digits, such as 20`},
		{[]string{"runs", "--limit", "-1"}, `--limit -1 is less than nothing`},
		{[]string{"serve", "--grace", "5"}, `--grace "5" is no duration: write a number with its unit, such as 30s, 5m or 1h`},
		{[]string{"runs", "--json=perhaps"}, `--json "perhaps" is neither true nor false`},
		{[]string{"serve", "--listen"}, "--listen needs its address behind it"},
		{[]string{"cron", "@daily", "--from", "2026-02-30"}, "--from 2026-02-30: there is no such day"},
		{[]string{"unpause", "daily"}, "'waybill resume GROUP' lifts a pause."},
		{[]string{"Ignore_Missing", "daily"}, `Did you mean "ignore-missing"?`},
		{[]string{"valdate"}, `Did you mean "validate"?`},
		{[]string{"validate", "--jsn"}, `Did you mean "--json"?`},
		{[]string{"validate", "-json"}, "Did you mean --json?"},
		{[]string{"validate", "--format", "sarf"}, `Did you mean "sarif"?`},
		{[]string{"explain", "WB3011"}, `Did you mean "WB301"?`},
		{[]string{"schema", "courir"}, `Did you mean "courier"?`},
		{[]string{"help", "shwo"}, `Did you mean "show"?`},
		{[]string{"completion", "bsh"}, `Did you mean "bash"?`},
		{[]string{"cron", "0 6 * * *", "--zone", "Europe/Belrin"}, `Europe/Berlin`},
		{[]string{"plan", "--var", "zoen=UTC", "../../examples/quickstart"}, `WB722`},
	} {
		var out, problems bytes.Buffer
		run(context.Background(), c.args, nil, strings.NewReader(""), &out, &problems)
		if !strings.Contains(problems.String(), c.want) {
			t.Errorf("%q: %q is not said:\n%s", c.args, c.want, problems.String())
		}
	}
}

// A flag without a value is refused: a run of another day, of all couriers or without
// its token is not what was meant.
func TestEmptyFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"run", "daily", "--date", ""},
		{"run", "daily", "--date=2026-11-20", "--token", ""},
		{"run", "daily", "--courier", "orders", "--courier", " "},
		{"backfill", "daily", "--from", ""},
		{"runs", "--state="},
		{"-C", "", "status"},
	} {
		var out, problems bytes.Buffer
		if code := run(context.Background(), args, nil, strings.NewReader(""), &out, &problems); code != exitError || !strings.Contains(problems.String(), " is empty: it needs its ") {
			t.Errorf("%q: exit code %d, %s", args, code, problems.String())
		}
	}
}

// What is called otherwise elsewhere is told with what it is called here, which are
// commands that there are.
func TestWordsOfOthers(t *testing.T) {
	t.Parallel()
	root := (&program{}).rootCommand()
	for _, w := range wordsOfOthers {
		for word := range strings.FieldsSeq(w.words) {
			if slices.Contains(subcommands(root), word) {
				t.Errorf("%s is a command, not a word of others", word)
			}
			if err := unknownCommand(root, word); !strings.Contains(err.Error(), `no command "`+word+`"`) {
				t.Errorf("%s: %v", word, err)
			}
		}
		for i, line := range strings.Split(w.here, "'waybill ") {
			if found, _, err := root.Find(strings.Fields(strings.ReplaceAll(line, "'", " "))); i > 0 && (err != nil || found == root) {
				t.Errorf("%q is not about a command that there is", line)
			}
		}
	}
}
