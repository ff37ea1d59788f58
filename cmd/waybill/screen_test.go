package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// What others wrote cannot do anything to a terminal, however it is cut up; the
// colours of this program stay.
func TestScreen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"plain\ttext\nin lines → 東京\n", "plain\ttext\nin lines → 東京\n"},
		{"\x1b[31;1mError:\x1b[0;22m \x1b[2mfaint\x1b[0m", "\x1b[31;1mError:\x1b[0;22m \x1b[2mfaint\x1b[0m"},
		{"\x1b[2J\x1b[1;1Hgone", `\x1b[2J\x1b[1;1Hgone`},
		{"\x1b]0;title\a", `\x1b]0;title\x07`},
		{"\x1b[8mhidden\x1b[0m", `\x1b[8mhidden` + "\x1b[0m"},
		{"\x1b[mreset", `\x1b[mreset`},
		{"\x1b[" + strings.Repeat("1;", 20) + "1m", `\x1b[` + strings.Repeat("1;", 20) + "1m"},
		{"a\rb\bc\x00d\x7f", `a\rb\x08c\x00d\x7f`},
		{"\u009b2J", `\u009b2J`},
		{"gpj.\u202efdp", `gpj.\u202efdp`},
		{"half \xe6\x9d", `half \xe6\x9d`},
		{"no \xff text", `no \xff text`},
		{"ends \x1b[3", `ends \x1b[3`},
	} {
		for cut := range len(test.text) + 1 {
			var out bytes.Buffer
			s := &screen{to: &out}
			fmt.Fprint(s, test.text[:cut])
			fmt.Fprint(s, test.text[cut:])
			s.close()
			if out.String() != test.want {
				t.Fatalf("%q, cut at %d: %q, want %q", test.text, cut, out.String(), test.want)
			}
		}
	}
}

// Names of files and people, reasons and messages come to the terminal with their
// control characters visible; JSON has them as they are.
func TestNothingOfOthersMovesTheCursor(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2J\x1b]0;x\a\u202e"
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("inbox/orders-2026-11-20"+evil+".csv", "a")
	write("main.hcl", `
courier "orders" {
  filedrop { url = "inbox" }
  file "orders" { pattern = "orders-{yyyy}-{MM}-{dd}*.csv" }
  ready { stable_for = "0s" }
}
process "fails" {
  retry { attempts = 1 }
  exec { command = ["sh", "-c", "printf '\\033[2J' >&2; exit 1"] }
}
courier_group "daily" {
  schedule  = "0 6 * * *"
  timezone  = "UTC"
  couriers  = [courier.orders]
  processes = [process.fails]
}
`)
	command := func(args ...string) string {
		var out, problems bytes.Buffer
		environ := []string{"USER=ann" + evil, "PATH=" + os.Getenv("PATH")}
		run(context.Background(), append([]string{"-C", dir}, args...), environ, strings.NewReader(""), &out, &problems)
		return out.String() + problems.String()
	}
	for _, args := range [][]string{
		{"apply", "--auto-approve"},
		{"plan", "run", "daily", "--date", "2026-11-20"},
		{"run", "daily", "--date", "2026-11-20", "--token", "one"},
		{"advance", "daily", "--to", "2026-11-20", "--reason", "tired" + evil},
		{"pause", "daily"},
		{"status"},
		{"runs"},
		{"show", "daily"},
		{"show", "--applied"},
		{"plan"},
		{"show", "no" + evil},
		{"explain", evil},
		{"retry", "daily@one"},
	} {
		text := command(args...)
		for _, r := range text {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%q prints %q:\n%q", args, r, text)
				break
			}
		}
	}
	if text := command("show", "daily@one"); !strings.Contains(text, `orders-2026-11-20\x1b[2J\x1b]0;x\x07\u202e.csv`) {
		t.Errorf("the name of the file is not shown:\n%s", text)
	}
	var run struct {
		Landings []struct{ Path string } `json:"landings"`
	}
	text := command("show", "daily@one", "--json")
	if err := json.Unmarshal([]byte(text), &run); err != nil || len(run.Landings) != 1 || run.Landings[0].Path != "orders-2026-11-20"+evil+".csv" {
		t.Errorf("JSON has %+v, %v\n%s", run.Landings, err, text)
	}
}
