package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This test holds the tree to its architecture (docs/architecture.md). Each
// failure says what to do; an exception is an entry of one of these tables, with
// its reason.

const module = "github.com/waybill-dev/waybill"

// imports says which of our packages each package may import. A name ending in
// "/..." is that package and all below it. Tests in an external package may
// import anything.
var imports = map[string][]string{
	"lang/diag":       {},
	"lang/cron":       {},
	"lang/graph":      {"lang/diag"},
	"lang/window":     {"lang/graph", "lang/cron", "lang/diag"},
	"lang":            {"lang/..."},
	"plan":            {"lang/...", "plan/coverage"},
	"plan/coverage":   {"lang/..."},
	"plan/view":       {"lang/...", "plan", "plan/coverage"},
	"apply":           {"plan", "lang/graph", "lang/diag"},
	"runtime":         {"runtime/...", "lang/graph", "lang/window", "lang/cron", "lang/diag"},
	"runtime/api":     {"runtime/store", "lang/graph"},
	"runtime/server":  {"runtime", "runtime/api", "runtime/store", "runtime/why", "lang/graph", "lang/window"},
	"runtime/metrics": {"runtime", "runtime/store", "lang/graph"},
	"runtime/client":  {"runtime", "runtime/api", "runtime/store", "runtime/why", "lang/graph"},

	"runtime/store":    parts,
	"runtime/flow":     {"runtime/store", "lang/graph"},
	"runtime/scene":    {"runtime/store", "runtime/value", "lang/graph", "lang/window", "lang/cron"},
	"runtime/why":      {"runtime/store", "runtime/scene", "runtime/flow", "runtime/words", "lang/graph", "lang/window", "lang/cron"},
	"runtime/words":    {"lang/graph", "lang/window"},
	"runtime/logs":     {},
	"runtime/alert":    append(parts, "runtime/value", "runtime/web"),
	"runtime/value":    parts,
	"runtime/process":  append(parts, "runtime/value"),
	"runtime/web":      append(parts, "runtime/value"),
	"runtime/source":   append(parts, "runtime/value", "runtime/process", "runtime/database", "runtime/web"),
	"runtime/action":   append(parts, "runtime/value", "runtime/process", "runtime/database", "runtime/web"),
	"runtime/bucket":   append(parts, "runtime/value"),
	"runtime/database": append(parts, "runtime/value"),

	"runtime/bucket/servers":  {}, // for tests
	"runtime/database/pgtest": {}, // for tests
	"runtime/landing":         append(parts, "runtime/value", "runtime/bucket"),

	"cmd/...": {"lang/...", "plan/...", "apply", "runtime/..."},
}

// parts is what the parts of the runtime know of the language.
var parts = []string{"lang/graph", "lang/window", "lang/cron", "lang/diag"}

// thirdParty says where each module that is not ours, or a package of it, may be
// imported; tests may import it anywhere. What only tests need is in testOnly;
// robfig/cron is a dependency of lang/cron/peers, a module of its own.
var thirdParty = map[string][]string{
	"github.com/hashicorp/hcl/v2":          {"lang", "cmd/..."},
	"github.com/zclconf/go-cty":            {"lang", "runtime/value"},
	"github.com/zclconf/go-cty-yaml":       {"lang"},
	"github.com/bmatcuk/doublestar/v4":     {"lang"},
	"github.com/adhocore/gronx":            {"lang/cron"},
	"github.com/apparentlymart/go-textseg": {"lang", "lang/diag", "plan/view", "cmd/..."},
	"golang.org/x/text":                    {"lang/diag", "plan/view", "cmd/..."},
	"github.com/fatih/color":               {"plan/view", "cmd/..."},
	"golang.org/x/term":                    {"cmd/..."},
	"golang.org/x/time":                    {"runtime"},
	"github.com/spf13/cobra":               {"cmd/..."},
	"github.com/spf13/pflag":               {"cmd/..."},
	"github.com/hashicorp/go-hclog":        {"runtime/...", "cmd/..."},
	"github.com/prometheus/client_golang":  {"runtime/metrics"},
	"modernc.org/sqlite":                   {"runtime/store", "runtime/database"},
	"github.com/jackc/pgx/v5":              {"runtime/database"},
	"github.com/gofrs/flock":               {"runtime/store"},
	"github.com/slack-go/slack":            {"runtime/alert"},
	"github.com/wneessen/go-mail":          {"runtime/alert"},
	"github.com/rogpeppe/go-internal/diff": {"cmd/..."},
	"golang.org/x/oauth2":                  {"runtime/source", "runtime/bucket"},
	"github.com/pkg/sftp":                  {"runtime/bucket", "runtime/bucket/servers"},
	"golang.org/x/crypto":                  {"runtime/bucket", "runtime/bucket/servers"},
	"github.com/aws/aws-sdk-go-v2":         {"runtime/bucket"},
	"github.com/aws/smithy-go":             {"runtime/bucket"},
	"github.com/Azure/azure-sdk-for-go":    {"runtime/bucket"},
	"github.com/klauspost/compress":        {"runtime/landing"},
	"golang.org/x/sync":                    {"runtime/...", "cmd/..."},
	"golang.org/x/sys":                     {"runtime/...", "cmd/..."},
}

var testOnly = []string{
	"github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "go.uber.org/goleak", "github.com/robfig/cron",
	"github.com/santhosh-tekuri/jsonschema", "gonum.org/v1/gonum", "github.com/getkin/kin-openapi",
	"github.com/yuin/goldmark", "golang.org/x/net", "go.yaml.in/yaml/v3", "github.com/emersion/go-smtp", "github.com/emersion/go-sasl",
	"github.com/johannesboyne/gofakes3",
}

// pure packages compute and never ask: no clock, no files, no network, no chance.
var pure = []string{"lang/diag", "lang/cron", "lang/graph", "lang/window", "plan", "plan/coverage", "plan/view", "runtime/flow"}

var impure = []string{"os", "os/exec", "io/ioutil", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "syscall"}

// clock is the packages that may ask for the time.
var clock = []string{"cmd/...", "runtime/..."}

// process is the packages that may use the process they run in.
var process = []string{"cmd/..."}

// Lengths in lines. A function may be longer if it is one switch that hands
// on, and then stands here as "dir.Name" or "dir.Type.Name".
const (
	maxFile     = 600
	maxFunction = 80
)

var longFunctions = []string{}

var bannedPackages = []string{
	"util", "utils", "common", "helper", "helpers", "shared", "types", "models", "interfaces", "misc", "base", "pkg", "internal",
}

// source is one file of the tree.
type source struct {
	path, dir string // relative to the root of the module, with slashes
	test      bool
	generated bool
	external  bool // a test in package foo_test
	lines     int
	fset      *token.FileSet
	syntax    *ast.File
}

func (s *source) at(p token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(p).Line)
}

// tree reads every Go file of the module.
func tree(t *testing.T) []*source {
	t.Helper()
	root := filepath.Join("..", "..")
	fset := token.NewFileSet()
	var all []*source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != root && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		all = append(all, &source{
			path: rel, dir: path.Dir(rel), fset: fset, syntax: f,
			test:      strings.HasSuffix(rel, "_test.go"),
			external:  strings.HasSuffix(f.Name.Name, "_test"),
			generated: ast.IsGenerated(f),
			lines:     fset.File(f.FileStart).LineCount(),
		})
		return nil
	})
	if err != nil {
		t.Fatalf("reading the source tree: %v", err)
	}
	if len(all) == 0 {
		t.Fatal("no Go file found; is this test still in cmd/waybill?")
	}
	return all
}

// TestArchitecture checks every file and every package once.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	all := tree(t)
	for _, check := range []struct {
		name string
		of   func(*testing.T, *source)
	}{
		{"imports", checkImports},
		{"size", checkSize},
		{"clock", checkClock},
		{"process", checkProcess},
		{"sleep", checkSleep},
		{"skip", checkSkip},
		{"init", checkInit},
		{"documentation", checkDocumentation},
		{"unfinished", checkUnfinished},
	} {
		t.Run(check.name, func(t *testing.T) {
			t.Parallel()
			for _, s := range all {
				check.of(t, s)
			}
		})
	}
	t.Run("packages", func(t *testing.T) {
		t.Parallel()
		checkPackages(t, all)
	})
}

// within reports whether dir is one of the patterns.
func within(dir string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, all := strings.CutSuffix(p, "/...")
		return dir == below || all && strings.HasPrefix(dir, below+"/")
	})
}

func checkImports(t *testing.T, s *source) {
	allowed, known := imports[s.dir]
	if strings.HasPrefix(s.dir, "cmd/") {
		allowed, known = imports["cmd/..."], true
	}
	if !known && !s.test {
		t.Errorf("%s: the architecture has no package %s; give it a row in imports of cmd/waybill/arch_test.go and in docs/architecture.md",
			s.path, s.dir)
		return
	}
	for _, spec := range s.syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(name, "/")
		ours, isOurs := strings.CutPrefix(name, module+"/")
		switch {
		case isOurs:
			if !s.external && ours != s.dir && !within(ours, allowed) {
				t.Errorf("%s: %s may not import %s (it may: %s); move the code to where it belongs, or pass what it needs as plain data",
					s.at(spec.Pos()), s.dir, ours, list(allowed))
			}
		case strings.Contains(first, "."):
			checkThirdParty(t, s, spec, name)
		case !s.test && slices.Contains(pure, s.dir) && slices.Contains(impure, name):
			t.Errorf("%s: %s is pure and may not import %s; let its caller hand in what it needs", s.at(spec.Pos()), s.dir, name)
		}
	}
}

func checkThirdParty(t *testing.T, s *source, spec *ast.ImportSpec, name string) {
	isIn := func(prefix string) bool { return name == prefix || strings.HasPrefix(name, prefix+"/") }
	for prefix, where := range thirdParty {
		if isIn(prefix) {
			if !s.test && !within(s.dir, where) {
				t.Errorf("%s: %s belongs in %s only; ask that package for what you need", s.at(spec.Pos()), prefix, list(where))
			}
			return
		}
	}
	if slices.ContainsFunc(testOnly, isIn) {
		if !s.test {
			t.Errorf("%s: %s is for tests only", s.at(spec.Pos()), name)
		}
		return
	}
	t.Errorf("%s: %s is a new dependency; say where it belongs in thirdParty of cmd/waybill/arch_test.go", s.at(spec.Pos()), name)
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing of ours"
	}
	return strings.Join(names, ", ")
}

func checkSize(t *testing.T, s *source) {
	if s.test || s.generated {
		return
	}
	if s.lines > maxFile {
		t.Errorf("%s has %d lines, more than %d; divide it by what its parts are about", s.path, s.lines, maxFile)
	}
	for _, decl := range s.syntax.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		lines := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
		if name := s.dir + "." + functionName(f); lines > maxFunction && !slices.Contains(longFunctions, name) {
			t.Errorf("%s: %s has %d lines, more than %d; name its steps and make them functions", s.at(f.Pos()), name, lines, maxFunction)
		}
	}
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return receiver(f) + "." + f.Name.Name
}

// receiver is the name of a method's type, without pointer and parameters.
func receiver(f *ast.FuncDecl) string {
	e := f.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

// uses calls found for each pkg.name in a file, where pkg is an imported package
// by the last part of its path.
func uses(s *source, pkg string, names []string, found func(token.Pos, string)) {
	local := ""
	for _, spec := range s.syntax.Imports {
		if spec.Path.Value != strconv.Quote(pkg) {
			continue
		}
		local = path.Base(pkg)
		if spec.Name != nil {
			local = spec.Name.Name
		}
	}
	if local == "" {
		return
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
				found(sel.Pos(), local+"."+sel.Sel.Name)
			}
		}
		return true
	})
}

func checkClock(t *testing.T, s *source) {
	if s.test || within(s.dir, clock) {
		return
	}
	names := []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep", "Local"}
	uses(s, "time", names, func(p token.Pos, what string) {
		t.Errorf("%s: %s outside of cmd and runtime; take the time as an argument", s.at(p), what)
	})
}

func checkProcess(t *testing.T, s *source) {
	if s.test || within(s.dir, process) {
		return
	}
	uses(s, "os", []string{"Exit", "Args", "Stdin", "Stdout", "Stderr"}, func(p token.Pos, what string) {
		t.Errorf("%s: %s outside of cmd; return an error, or take a reader or writer as an argument", s.at(p), what)
	})
	uses(s, "log", []string{"Fatal", "Fatalf", "Fatalln", "Print", "Printf", "Println", "Panic", "Panicf"}, func(p token.Pos, what string) {
		t.Errorf("%s: %s outside of cmd; return an error, or log through the logger that was handed in", s.at(p), what)
	})
}

// checkSleep allows time.Sleep in a test only in a bubble, where it costs no time
// and decides no race: within the function that a synctest.Test call is given, or
// in one that calls synctest.Wait, which panics outside of a bubble.
func checkSleep(t *testing.T, s *source) {
	if !s.test {
		return
	}
	type stretch struct{ from, to token.Pos }
	var bubbles []stretch
	uses(s, "testing/synctest", []string{"Test", "Wait"}, func(p token.Pos, what string) {
		for _, decl := range s.syntax.Decls {
			if p < decl.Pos() || decl.End() <= p {
				continue
			}
			if what == "synctest.Wait" {
				bubbles = append(bubbles, stretch{decl.Pos(), decl.End()})
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && call.Fun.Pos() == p {
					bubbles = append(bubbles, stretch{call.Pos(), call.End()})
				}
				return true
			})
		}
	})
	uses(s, "time", []string{"Sleep"}, func(p token.Pos, _ string) {
		inside := slices.ContainsFunc(bubbles, func(b stretch) bool { return b.from <= p && p < b.to })
		if !inside {
			t.Errorf("%s: time.Sleep in a test outside of synctest.Test; wait for a signal, or run the test in a bubble", s.at(p))
		}
	})
}

func checkSkip(t *testing.T, s *source) {
	if !s.test {
		return
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) {
			t.Errorf("%s: a skipped test proves nothing; make it run everywhere, or delete it", s.at(call.Pos()))
		}
		return true
	})
}

func checkInit(t *testing.T, s *source) {
	for _, decl := range s.syntax.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			t.Errorf("%s: func init runs in an order that nobody sees; give the variable a value where it is declared, or build it when asked", s.at(f.Pos()))
		}
	}
}

var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

func checkUnfinished(t *testing.T, s *source) {
	for _, group := range s.syntax.Comments {
		for _, c := range group.List {
			if word := unfinished.FindString(c.Text); word != "" {
				t.Errorf("%s: %q in a comment; finish it, or say what is so and why", s.at(c.Pos()), word)
			}
		}
	}
}

// checkPackages looks at each package as a whole: its name and its comment.
func checkPackages(t *testing.T, all []*source) {
	documented := map[string]bool{}
	var dirs []string
	for _, s := range all {
		if s.test {
			continue
		}
		if !slices.Contains(dirs, s.dir) {
			dirs = append(dirs, s.dir)
		}
		if s.syntax.Doc == nil {
			continue
		}
		want := "Package " + s.syntax.Name.Name + " "
		if s.syntax.Name.Name == "main" {
			want = "Command " + path.Base(s.dir) + " "
		}
		if !strings.HasPrefix(s.syntax.Doc.Text(), want) {
			t.Errorf("%s: a package comment begins %q", s.path, want)
		}
		if documented[s.dir] {
			t.Errorf("%s: %s has two package comments; keep one", s.path, s.dir)
		}
		documented[s.dir] = true
	}
	for _, dir := range dirs {
		if !documented[dir] {
			t.Errorf("%s has no package comment; say what the package is for and what it leaves to others", dir)
		}
		for part := range strings.SplitSeq(dir, "/") {
			if slices.Contains(bannedPackages, part) {
				t.Errorf("%s: %q says nothing; name the package for the one thing it holds", dir, part)
			}
		}
	}
}

// undocumented are methods whose contract is that of a well-known interface.
var undocumented = []string{
	"String", "Error", "Unwrap", "Is", "As", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText",
	"Len", "Less", "Swap", "Read", "Write", "Close", "ServeHTTP",
}

func checkDocumentation(t *testing.T, s *source) {
	if s.test || s.generated || strings.HasPrefix(s.dir, "cmd/") {
		return
	}
	missing := func(p token.Pos, name string) {
		t.Errorf("%s: %s is exported and has no comment; say what it is and what it promises, with units, zones and errors", s.at(p), name)
	}
	for _, decl := range s.syntax.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			method := d.Recv != nil
			hidden := method && (!ast.IsExported(receiver(d)) || slices.Contains(undocumented, d.Name.Name))
			if d.Name.IsExported() && !hidden && d.Doc == nil {
				missing(d.Pos(), functionName(d))
			}
		case *ast.GenDecl:
			checkDeclared(d, missing)
		}
	}
}

// checkDeclared wants a comment on each type, and on each constant and variable
// or on the group that it stands in.
func checkDeclared(d *ast.GenDecl, missing func(token.Pos, string)) {
	for _, spec := range d.Specs {
		switch x := spec.(type) {
		case *ast.TypeSpec:
			if x.Name.IsExported() && x.Doc == nil && x.Comment == nil && (d.Doc == nil || d.Lparen.IsValid()) {
				missing(x.Pos(), x.Name.Name)
			}
		case *ast.ValueSpec:
			for _, name := range x.Names {
				if name.IsExported() && x.Doc == nil && x.Comment == nil && d.Doc == nil {
					missing(name.Pos(), name.Name)
				}
			}
		}
	}
}
