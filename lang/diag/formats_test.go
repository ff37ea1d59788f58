package diag_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/diag"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, c := range textCases() {
		if c.name == "color" || c.name == "long line" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			name := strings.ReplaceAll(c.name, " ", "_")
			var github, compact, sarif bytes.Buffer
			if err := diag.WriteGitHub(&github, c.list, "loads/daily"); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "github", name+".txt"), github.String())
			if err := diag.WriteCompact(&compact, c.list, ""); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "compact", name+".txt"), compact.String())
			if err := diag.WriteSARIF(&sarif, c.list, diag.SARIFOptions{Base: "loads/daily", Version: "0.1.0", Sources: c.sources}); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "sarif", name+".json"), sarif.String())
			for _, text := range []string{github.String(), compact.String()} {
				if strings.ContainsAny(text, "\x1b\x07\r\u202e") {
					t.Errorf("the text would change the terminal: %q", text)
				}
			}
		})
	}
}

// What GitHub's runner takes apart again is what was put in.
func TestGitHubEscaping(t *testing.T) {
	t.Parallel()
	list := diag.List{{
		Code: "WB702", Severity: diag.Error, Summary: "100 %, a:b", Detail: "first, 5 %: ::error::x\nsecond\n\n    code",
		Range: &diag.Range{Filename: "a,b:c%.hcl", Start: diag.Pos{Line: 2, Column: 3}, End: diag.Pos{Line: 2, Column: 9}},
	}}
	var b bytes.Buffer
	if err := diag.WriteGitHub(&b, list, ""); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac%25.hcl,line=2,col=3,endLine=2,endColumn=9,title=100 %25%2C a%3Ab [WB702]::" +
		"first, 5 %25: ::error::x%0Asecond%0A%0A    code\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
}

// GitHub shows the first ten annotations of a step: errors must be among them.
func TestGitHubShowsErrorsFirst(t *testing.T) {
	t.Parallel()
	var list diag.List
	for i, s := range []diag.Severity{diag.Info, diag.Warning, diag.Error, diag.Info, diag.Error} {
		list = append(list, diag.Diagnostic{Severity: s, Summary: "s", Range: &diag.Range{Filename: "a.hcl", Start: diag.Pos{Line: i + 1, Byte: i}}})
	}
	var b bytes.Buffer
	if err := diag.WriteGitHub(&b, list, ""); err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`::(\w+) file=a.hcl,line=(\d)`).FindAllString(b.String(), -1)
	want := []string{
		"::error file=a.hcl,line=3", "::error file=a.hcl,line=5", "::warning file=a.hcl,line=2",
		"::notice file=a.hcl,line=1", "::notice file=a.hcl,line=4",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every code makes a rule, and each result points at its own.
func TestSARIFRules(t *testing.T) {
	t.Parallel()
	var list diag.List
	for _, e := range diag.Entries() {
		list = append(list, e.Code.New(nil, "Summary", "A detail."))
	}
	var b bytes.Buffer
	if err := diag.WriteSARIF(&b, list, diag.SARIFOptions{}); err != nil {
		t.Fatal(err)
	}
	type text struct{ Text, Markdown string }
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID                                      string
						ShortDescription, FullDescription, Help text
					}
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Locations []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	rules := run.Tool.Driver.Rules
	if log.Version != "2.1.0" || len(rules) != len(list) || len(run.Results) != len(list) {
		t.Fatalf("version %s, %d rules, %d results; want 2.1.0 and %d of each", log.Version, len(rules), len(run.Results), len(list))
	}
	for _, r := range rules {
		if r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || !strings.Contains(r.Help.Markdown, "```") {
			t.Errorf("%s is not explained: %+v", r.ID, r)
		}
	}
	for _, r := range run.Results {
		if rules[r.RuleIndex].ID != r.RuleID || !slices.Contains([]string{"error", "warning", "note"}, r.Level) {
			t.Errorf("%s: rule %s, level %q", r.RuleID, rules[r.RuleIndex].ID, r.Level)
		}
		if len(r.Locations) != 1 || r.Locations[0].PhysicalLocation.ArtifactLocation.URI == "" {
			t.Errorf("%s has no location, without which GitHub refuses the whole log", r.RuleID)
		}
	}
}
