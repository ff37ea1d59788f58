package diag

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// SARIFOptions say what a SARIF log holds besides the problems.
type SARIFOptions struct {
	Base    string            // path of the workspace from the root of the repository, with slashes; "" is the root
	Version string            // release of the tool; "" where it is not known
	Sources map[string][]byte // text of the files by the name that ranges use, for columns; may be nil
}

// The parts of a SARIF 2.1.0 log that are written, by the names of its schema.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Short   sarifText `json:"shortDescription"`
		Full    sarifText `json:"fullDescription"`
		Help    sarifText `json:"help"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId,omitempty"`
		RuleIndex *int            `json:"ruleIndex,omitempty"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		ID       *int          `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Logical  []sarifBlock  `json:"logicalLocations,omitempty"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	}
	sarifBlock struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
)

// WriteSARIF writes the problems, sorted, as one SARIF 2.1.0 log, which code
// scanning of GitHub and many viewers read. Its rules are the entries of the
// codes that occur. Every result has a location, as GitHub asks for: that of a
// problem of no file is the first file of the workspace, else its directory. The
// error is that of w.
func WriteSARIF(w io.Writer, l List, o SARIFOptions) error {
	sorted := l.Sorted()
	s := sarifWriter{options: o, files: newFiles(o.Sources), rules: map[Code]int{}}
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	driver := &run.Tool.Driver
	*driver = sarifDriver{Name: "Waybill", Version: o.Version, InformationURI: "https://github.com/waybill-dev/waybill", Rules: []sarifRule{}}
	for _, e := range table {
		if slices.ContainsFunc(sorted, func(d Diagnostic) bool { return d.Code == e.Code }) {
			s.rules[e.Code] = len(driver.Rules)
			driver.Rules = append(driver.Rules, e.rule())
		}
	}
	for _, d := range sorted {
		run.Results = append(run.Results, s.result(d))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// level is the word of SARIF for a severity.
func (s Severity) level() string {
	switch s {
	case Error, Warning:
		return string(s)
	default:
		return "note"
	}
}

func (e Entry) rule() sarifRule {
	r := sarifRule{ID: string(e.Code), Short: sarifText{Text: e.Title}, Full: sarifText{Text: e.Explanation}}
	r.Help = sarifText{Text: e.Explanation, Markdown: e.Explanation}
	for _, example := range []struct{ name, code string }{{"Instead of", e.Bad}, {"write", e.Good}} {
		if code := strings.TrimRight(example.code, "\n"); code != "" {
			r.Help.Text += "\n\n" + example.name + "\n\n    " + strings.ReplaceAll(code, "\n", "\n    ")
			r.Help.Markdown += "\n\n" + example.name + "\n\n```hcl\n" + code + "\n```"
		}
	}
	r.Default.Level = e.Severity.level()
	return r
}

type sarifWriter struct {
	options SARIFOptions
	files   files
	rules   map[Code]int
}

func (s *sarifWriter) result(d Diagnostic) sarifResult {
	text := printable(d.Summary)
	if d.Detail != "" {
		text += ". " + printableLines(d.Detail)
	}
	r := sarifResult{RuleID: string(d.Code), Level: d.Severity.level(), Message: sarifText{Text: text}}
	if i, ok := s.rules[d.Code]; ok {
		r.RuleIndex = &i
	}
	at := sarifLocation{Physical: s.place(d.Range)}
	if d.Address != "" {
		at.Logical = []sarifBlock{{Name: d.Address}}
	}
	r.Locations = []sarifLocation{at}
	for i, other := range d.Related {
		id := i + 1
		r.Related = append(r.Related, sarifLocation{ID: &id, Physical: s.place(&other.Range), Message: &sarifText{Text: printable(other.Message)}})
	}
	return r
}

func (s *sarifWriter) place(r *Range) sarifPhysical {
	var p sarifPhysical
	name := ""
	if r != nil {
		name = r.Filename
		p.Region = s.region(*r)
	} else if names := slices.Sorted(maps.Keys(s.options.Sources)); len(names) > 0 {
		name = names[0]
	}
	p.Artifact.URI = (&url.URL{Path: cmp.Or(path.Join(s.options.Base, name), ".")}).String()
	return p
}

// region counts columns in code points. SARIF counts lines and columns from 1.
func (s *sarifWriter) region(r Range) *sarifRegion {
	column := func(p Pos) int {
		lines := s.files.linesOf(r.Filename)
		if p.Line < 1 || p.Line > len(lines) {
			return max(p.Column, 1)
		}
		text := lines[p.Line-1]
		return utf8.RuneCountInString(text[:byteOfColumn(text, p.Column)]) + 1
	}
	region := &sarifRegion{StartLine: max(r.Start.Line, 1), StartColumn: column(r.Start)}
	region.EndLine, region.EndColumn = max(r.End.Line, region.StartLine), column(r.End)
	if region.EndLine == region.StartLine {
		region.EndColumn = max(region.EndColumn, region.StartColumn)
	}
	return region
}
