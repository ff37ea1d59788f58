package lang_test

import (
	"bytes"
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

// TestInputs loads the directories of testdata/inputs. Comments of main.hcl say
// what is given: "# env NAME=VALUE", "# --var name=value", "# --var-file FILE".
// "# DESCRIPTION text" demands that the group gets this description. Problems are
// demanded as in testdata/invalid, in any file.
func TestInputs(t *testing.T) {
	t.Parallel()
	for _, dir := range inputDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			src := readFile(t, filepath.Join(dir, "main.hcl"))
			ws, list := loadInputs(t, dir, src)
			var said bytes.Buffer
			diag.WriteText(&said, list, ws.Sources, diag.TextOptions{Width: 100})
			golden(t, filepath.Join(dir, "diagnostics.txt"), said.Bytes())
			if diff := cmp.Diff(demandedIn(t, dir), reportedIn(list, dir)); diff != "" {
				t.Errorf("problems (- demanded, + reported):\n%s", diff)
			}
			if err := diag.WriteJSON(&said, list, ws.Sources); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(said.String(), "hunter") {
				t.Error("a sensitive value is shown")
			}
			if m := regexp.MustCompile(`(?m)^# DESCRIPTION (.*)$`).FindSubmatch(src); m != nil {
				if ws.Graph == nil {
					t.Fatalf("no graph:\n%s", said.String())
				}
				if got := ws.Graph.Groups[0].Description; got != string(m[1]) {
					t.Errorf("description %q, want %q", got, m[1])
				}
			}
		})
	}
}

// loadInputs loads a directory twice: the second time must say the same.
func loadInputs(t *testing.T, dir string, src []byte) (*lang.Workspace, diag.List) {
	t.Helper()
	o := lang.Options{Version: version, Env: map[string]string{}}
	for _, m := range regexp.MustCompile(`(?m)^# (--var|--var-file|env) ([^=\n]+)=?(.*)$`).FindAllSubmatch(src, -1) {
		switch name, value := string(m[2]), string(m[3]); string(m[1]) {
		case "env":
			o.Env[name] = value
		case "--var":
			o.Given = append(o.Given, lang.Given{Name: name, Text: value})
		default:
			o.Given = append(o.Given, lang.Given{File: filepath.Join(dir, name)})
		}
	}
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
	return ws, list
}

func inputDirs(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/inputs/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples of inputs: %v", err)
	}
	return dirs
}

// demandedIn lists "file:line severity code" of the comments in the files of a
// directory. JSON has no comments: demanded.txt lists what is demanded there.
func demandedIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		text := ""
		if !e.IsDir() {
			text = string(readFile(t, filepath.Join(dir, e.Name())))
		}
		switch {
		case e.Name() == "demanded.txt":
			list = append(list, strings.Split(strings.TrimSpace(text), "\n")...)
		case e.Name() != "diagnostics.txt":
			for _, d := range demanded([]byte(text)) {
				list = append(list, strings.TrimPrefix(e.Name()+":"+d, "main.hcl:0"))
			}
		}
	}
	slices.Sort(list)
	return list
}

func reportedIn(l diag.List, dir string) []string {
	var list []string
	for _, d := range l {
		file := ""
		if d.Range != nil {
			file = strings.TrimPrefix(d.Range.Filename, filepath.ToSlash(dir)+"/") + ":"
		}
		list = append(list, strings.TrimPrefix(file+reported(diag.List{d})[0], "0"))
	}
	slices.Sort(list)
	return list
}
