package diag_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/diag"
)

const mainHCL = `courier_group "daily" {
  shedule  = "0 13 * * *"
	timezone = "EST" # 東京 and tabs
  name = "東京" + undefined
  couriers = [
    courier.orders,
    courier.returns,
    courier.partner,
    courier.crm,
    courier.profiles,
  ]
}
`

// at is the range of the first occurrence of text in a source of one-byte
// letters, or of letters that are one column each as hcl counts them.
func at(source, name, text string) *diag.Range {
	i := strings.Index(source, text)
	if i < 0 {
		panic("no " + text)
	}
	return &diag.Range{Filename: name, Start: position(source, i), End: position(source, i+len(text))}
}

func position(source string, i int) diag.Pos {
	line := strings.LastIndexByte(source[:i], '\n') + 1
	return diag.Pos{
		Line:   strings.Count(source[:i], "\n") + 1,
		Column: utf8.RuneCountInString(source[line:i]) + 1,
		Byte:   i,
	}
}

type textCase struct {
	name    string
	list    diag.List
	sources map[string][]byte
	options diag.TextOptions
}

func textCases() []textCase {
	group := "courier_group.daily"
	sources := map[string][]byte{"main.hcl": []byte(mainHCL)}
	typo := diag.Diagnostic{
		Code: "WB702", Severity: diag.Error, Summary: "Unknown attribute", Address: group,
		Detail: `A courier_group block has no attribute "shedule". Did you mean "schedule"?`,
		Range:  at(mainHCL, "main.hcl", "shedule"),
	}
	tabs := diag.Diagnostic{
		Code: "WB502", Severity: diag.Warning, Summary: "Zone abbreviation", Address: group,
		Detail: "EST is five hours behind UTC all the year round, summer included. Write the city whose clocks are meant, such as America/New_York.\n\nWrite for example:\n\n    timezone = \"America/New_York\"",
		Range:  at(mainHCL, "main.hcl", `"EST"`),
	}
	wide := diag.Diagnostic{
		Code: "WB704", Severity: diag.Error, Summary: "Unknown name", Range: at(mainHCL, "main.hcl", "undefined"),
		Detail: `Nothing is called "undefined".`,
	}
	long := "x = \"" + strings.Repeat("abcdefghij", 12) + "\" + oops + \"" + strings.Repeat("0123456789", 12) + "\"\n"
	return []textCase{
		{"typo", diag.List{typo}, sources, diag.TextOptions{}},
		{"color", diag.List{typo, tabs}, sources, diag.TextOptions{Color: true}},
		{"several", diag.List{wide, tabs, typo, typo}, sources, diag.TextOptions{Width: 60}},
		{"wide", diag.List{tabs, wide}, sources, diag.TextOptions{Width: 200}},
		{"items", diag.List{{
			Code: "WB302", Severity: diag.Warning, Summary: "Fold",
			Detail: "Clocks change:\n\n- 2026-11-01: 01:30 occurs twice, clocks go back from 02:00 to 01:00; runs at 01:30 EDT\n- 2027-11-07: the same",
		}}, nil, diag.TextOptions{Width: 60}},
		{"no source", diag.List{typo}, nil, diag.TextOptions{}},
		{"no place", diag.List{
			{Code: "WB902", Severity: diag.Error, Summary: "Stale plan", Detail: "Somebody applied serial 4 since. Plan again."},
			{Code: "WB301", Severity: diag.Info, Summary: "Gap", Address: `courier.feed["acme"]`},
			{Code: "WB302", Severity: diag.Info, Summary: "Fold", Address: "activation.campaign.winback"},
		}, nil, diag.TextOptions{}},
		{"many lines", diag.List{{
			Code: "WB801", Severity: diag.Error, Summary: "Too many", Detail: "Five are too many.", Address: group,
			Range: &diag.Range{Filename: "main.hcl", Start: diag.Pos{Line: 5, Column: 14}, End: diag.Pos{Line: 11, Column: 4}},
		}}, sources, diag.TextOptions{}},
		{"two lines", diag.List{{
			Code: "WB801", Severity: diag.Error, Summary: "Two lines",
			Range: at(mainHCL, "main.hcl", "courier.orders,\n    courier.returns"),
		}}, sources, diag.TextOptions{}},
		{"related", diag.List{{
			Code: "WB706", Severity: diag.Error, Summary: "Duplicate courier", Address: "courier.orders",
			Detail: "Two couriers are called \"orders\". Give one of them another name.",
			Range:  at(mainHCL, "main.hcl", "courier.returns"),
			Related: []diag.Related{
				{Message: "the first one", Range: *at(mainHCL, "main.hcl", "courier.orders")},
				{Message: "and one more", Range: diag.Range{Filename: "gone.hcl", Start: diag.Pos{Line: 3, Column: 1}}},
			},
		}}, sources, diag.TextOptions{}},
		{"end of file", diag.List{{
			Code: "WB701", Severity: diag.Error, Summary: "Missing brace", Detail: "The block is not closed.",
			Range: &diag.Range{Filename: "a.hcl", Start: diag.Pos{Line: 1, Column: 10, Byte: 9}, End: diag.Pos{Line: 1, Column: 10, Byte: 9}},
		}}, map[string][]byte{"a.hcl": []byte("waybill {")}, diag.TextOptions{}},
		{"windows", diag.List{{
			Code: "WB701", Severity: diag.Error, Summary: "Missing value",
			Range: at("a = 1\r\nb =\r\n", "a.hcl", "b ="),
		}}, map[string][]byte{"a.hcl": []byte("a = 1\r\nb =\r\n")}, diag.TextOptions{}},
		{"long line", diag.List{
			{Code: "WB704", Severity: diag.Error, Summary: "In the middle", Range: at(long, "long.hcl", "oops")},
			{Code: "WB704", Severity: diag.Error, Summary: "At the start", Range: at(long, "long.hcl", "x")},
			{Code: "WB704", Severity: diag.Error, Summary: "All of it", Range: at(long, "long.hcl", strings.TrimSpace(long))},
		}, map[string][]byte{"long.hcl": []byte(long)}, diag.TextOptions{}},
		{"control characters", diag.List{{
			Code: "WB704", Severity: diag.Error, Summary: "Bad \x1b[31mred", Detail: "a\x07b \u202ec \xff",
			Range: at("a = \"\x1b[2J\u202e\"\n", "a.hcl", "a ="),
		}}, map[string][]byte{"a.hcl": []byte("a = \"\x1b[2J\u202e\"\n")}, diag.TextOptions{}},
	}
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	for _, c := range textCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			diag.WriteText(&b, c.list, c.sources, c.options)
			golden(t, filepath.Join("testdata", "text", strings.ReplaceAll(c.name, " ", "_")+".txt"), b.String())
		})
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	for _, c := range textCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := diag.WriteJSON(&b, c.list, c.sources); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "json", strings.ReplaceAll(c.name, " ", "_")+".json"), b.String())
		})
	}
}

func TestWriteJSONOfNothing(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := diag.WriteJSON(&b, nil, nil); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Valid       bool              `json:"valid"`
		Diagnostics []json.RawMessage `json:"diagnostics"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Valid || got.Diagnostics == nil {
		t.Errorf("got %s, want valid and an empty list", b.String())
	}
}

// The snippet's highlight is the text that the range covers.
func TestSnippetHighlight(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"shedule", `"EST"`, "undefined", "courier.orders,\n    courier.returns"} {
		var b bytes.Buffer
		list := diag.List{{Code: "WB702", Severity: diag.Error, Summary: "s", Range: at(mainHCL, "main.hcl", text)}}
		if err := diag.WriteJSON(&b, list, map[string][]byte{"main.hcl": []byte(mainHCL)}); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Diagnostics []struct {
				Snippet struct {
					Code           string `json:"code"`
					HighlightStart int    `json:"highlight_start"`
					HighlightEnd   int    `json:"highlight_end"`
				} `json:"snippet"`
			} `json:"diagnostics"`
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		s := got.Diagnostics[0].Snippet
		if highlight := s.Code[s.HighlightStart:s.HighlightEnd]; highlight != text {
			t.Errorf("highlight is %q, want %q", highlight, text)
		}
	}
}

func FuzzWriteText(f *testing.F) {
	f.Add("a = 1\n\tb = \"東京\"\r\n", "a.hcl", 1, 1, 0, 2, 5, 9, 78, "summary", "a detail\n  with code")
	f.Add("", "", 0, 0, 0, 0, 0, 0, 0, "", "")
	f.Add("x", "a.hcl", 1, 2, 1, 1, 1, 0, 40, "\x1b[31m", "\xff")
	f.Add("x\ny\n", "a.hcl", 3, 1, 4, -1, -1, -1, -1, "e\u0301", "👩‍👩‍👧")
	f.Add("\ufeff\t\tx", "b.hcl", 1, 1<<40, 0, 1<<40, 0, 0, 1, "s", "d")
	f.Fuzz(func(t *testing.T, source, name string, l1, c1, b1, l2, c2, b2, width int, summary, detail string) {
		r := diag.Range{
			Filename: name,
			Start:    diag.Pos{Line: l1, Column: c1, Byte: b1},
			End:      diag.Pos{Line: l2, Column: c2, Byte: b2},
		}
		list := diag.List{{
			Code: "WB101", Severity: diag.Severity(summary), Summary: summary, Detail: detail, Address: detail, Range: &r,
			Related: []diag.Related{{Message: summary, Range: r}},
		}}
		sources := map[string][]byte{name: []byte(source)}
		var text, again bytes.Buffer
		diag.WriteText(&text, list, sources, diag.TextOptions{Width: width})
		diag.WriteText(&again, list, sources, diag.TextOptions{Width: width})
		if !bytes.Equal(text.Bytes(), again.Bytes()) {
			t.Error("the same problem is printed in two ways")
		}
		if !utf8.Valid(text.Bytes()) || bytes.ContainsAny(text.Bytes(), "\x1b\x00\r\u202e") {
			t.Errorf("the text would change the terminal: %q", text.String())
		}
		if err := diag.WriteJSON(&again, list, sources); err != nil {
			t.Error(err)
		}
	})
}
