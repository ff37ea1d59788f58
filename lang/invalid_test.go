package lang_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
)

var update = flag.Bool("update", false, "write the golden files")

// version is the release that tests compile for.
const version = "0.1.0"

// TestInvalid loads each file of testdata/invalid as a workspace. A comment
// "# ERROR WB702" on a line demands that problem there; others fail, too. A
// first comment "# --var a=b" gives a variable a value, and "# NOWHERE" demands
// a problem that has no place.
func TestInvalid(t *testing.T) {
	t.Parallel()
	for _, path := range invalidFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			src := readFile(t, path)
			list, sources := load(t, src)
			if diff := cmp.Diff(demanded(src), reported(list)); diff != "" {
				t.Errorf("problems (- demanded, + reported):\n%s", diff)
			}
			var b bytes.Buffer
			diag.WriteText(&b, list, sources, diag.TextOptions{Width: 100})
			golden(t, strings.TrimSuffix(path, ".hcl")+".txt", b.Bytes())
		})
	}
}

// TestEveryCodeHasAnExample demands an invalid file, or a directory of
// inputs, for each code of the language.
func TestEveryCodeHasAnExample(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{
		string(diag.EmptyWorkspace): true,                                                            // TestLoadEmpty
		string(diag.NotText):        true, string(diag.LargeFile): true, string(diag.NotAFile): true, // TestUnreadFiles
		string(diag.OtherEnding): true, // TestOtherEndings
	}
	for _, path := range invalidFiles(t) {
		for _, line := range demanded(readFile(t, path)) {
			seen[line[strings.LastIndexByte(line, ' ')+1:]] = true
		}
	}
	for _, dir := range inputDirs(t) {
		for _, line := range demandedIn(t, dir) {
			seen[line[strings.LastIndexByte(line, ' ')+1:]] = true
		}
	}
	for _, e := range diag.Entries() {
		if c := string(e.Code); (strings.HasPrefix(c, "WB7") || strings.HasPrefix(c, "WB8")) && !seen[c] {
			t.Errorf("no file of testdata/invalid demands %s (%s)", c, e.Title)
		}
	}
}

func TestLoadEmpty(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"nothing":        {},
		"other files":    {"README.md": "# hello", "orders.csv": "a,b"},
		"hidden":         {".draft.hcl": `courier "x" {}`},
		"sub-directory":  {"deeper/main.hcl": `courier "x" {}`},
		"terraform only": {"main.tf": "", "main.tf.json": "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws, list, err := lang.Load(workspace(t, files), lang.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"0 error " + string(diag.EmptyWorkspace)}; !slices.Equal(reported(list), want) {
				t.Errorf("reported %v, want %v", reported(list), want)
			}
			if ws.Graph != nil {
				t.Error("a workspace with errors has a graph")
			}
		})
	}
}

func TestLoadUnreadable(t *testing.T) {
	t.Parallel()
	if _, _, err := lang.Load(filepath.Join(t.TempDir(), "absent"), lang.Options{}); !os.IsNotExist(err) && err == nil {
		t.Errorf("Load of a directory that is not there: error %v", err)
	}
}

func invalidFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/invalid/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no invalid examples: %v", err)
	}
	return paths
}

// load compiles one file as a workspace, twice: the second time must say the same.
func load(t *testing.T, src []byte) (diag.List, map[string][]byte) {
	t.Helper()
	o := lang.Options{Version: version}
	for _, m := range regexp.MustCompile(`(?m)^# --var (\w+)=(.*)$`).FindAllSubmatch(src, -1) {
		o.Given = append(o.Given, lang.Given{Name: string(m[1]), Text: string(m[2])})
	}
	dir := workspace(t, map[string]string{"main.hcl": string(src)})
	ws, list, err := lang.Load(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if list.HasErrors() != (ws.Graph == nil) {
		t.Errorf("errors: %v, graph: %v", list.HasErrors(), ws.Graph != nil)
	}
	_, again, _ := lang.Load(dir, o)
	if diff := cmp.Diff(list, again); diff != "" {
		t.Errorf("a second Load says something else:\n%s", diff)
	}
	return list, ws.Sources
}

var demand = regexp.MustCompile(`\b(ERROR|WARNING|INFO) (WB\d+)`)

// demanded lists "line severity code" of the comments in a file.
func demanded(src []byte) []string {
	var list []string
	for i, line := range strings.Split(string(src), "\n") {
		_, comment, _ := strings.Cut(line, "# ")
		at := i + 1
		if strings.HasPrefix(comment, "NOWHERE") {
			at = 0
		}
		for _, m := range demand.FindAllStringSubmatch(comment, -1) {
			list = append(list, fmt.Sprintf("%d %s %s", at, strings.ToLower(m[1]), m[2]))
		}
	}
	slices.Sort(list)
	return list
}

func reported(l diag.List) []string {
	var list []string
	for _, d := range l {
		line := 0
		if d.Range != nil {
			line = d.Range.Start.Line
		}
		list = append(list, fmt.Sprintf("%d %s %s", line, d.Severity, d.Code))
	}
	slices.Sort(list)
	return list
}

// workspace writes files into a new directory.
func workspace(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// golden compares with a file, or writes it under -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(readFile(t, path)), string(got)); diff != "" {
		t.Errorf("%s (- want, + got; -update writes it):\n%s", path, diff)
	}
}
