package lang_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

func TestScript(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(workspace(t, map[string]string{"outside.sh": "echo"}), "outside.sh")
	for _, tt := range []struct {
		program  string
		script   string // "" for none
		problems []string
	}{
		{"./stitch.sh", "stitch.sh", nil},
		{"stitch.sh", "stitch.sh", nil},
		{"bin/load.sh", "bin/load.sh", nil},
		{"./bin/../stitch.sh", "stitch.sh", nil},
		{"python3", "", nil},
		{"/usr/bin/python3", "", nil},
		{outside, "", nil},
		{"../stitch.sh", "", nil},
		{"./absent.sh", "", []string{"2 warning WB828"}},
		{"./bin", "", []string{"2 warning WB828"}},
		{"./link.sh", "", []string{"2 warning WB828"}}, // leads out of the workspace
	} {
		dir := workspace(t, map[string]string{
			"main.hcl":    "process \"p\" {\n  exec { command = [\"" + tt.program + "\"] }\n}\ncourier_group \"g\" { processes = [process.p] }\n",
			"stitch.sh":   "echo",
			"bin/load.sh": "echo",
		})
		if err := os.Symlink(outside, filepath.Join(dir, "link.sh")); err != nil {
			t.Fatal(err)
		}
		ws, list, err := lang.Load(dir, lang.Options{})
		if err != nil || ws.Graph == nil {
			t.Fatal(err, list)
		}
		e := ws.Graph.Step("process.p").Exec
		const echo = "092c79e8f80e559e404bcf660c48f3522b67aba9ff1484b0367e1a4ddef7431d" // SHA-256 of "echo"
		if e.Script != tt.script || (tt.script != "") != (e.ScriptSHA == echo) {
			t.Errorf("%s: script %q with sum %q, want %q", tt.program, e.Script, e.ScriptSHA, tt.script)
		}
		if got := reported(list); len(got) != len(tt.problems) || len(got) > 0 && got[0] != tt.problems[0] {
			t.Errorf("%s: reported %v, want %v", tt.program, got, tt.problems)
		}
	}
}

// TestDigestSeesScripts demands that other content of a script is another Graph.
func TestDigestSeesScripts(t *testing.T) {
	t.Parallel()
	digest := func(script string) string {
		dir := workspace(t, map[string]string{
			"main.hcl":  "process \"p\" {\n  exec { command = [\"./stitch.sh\"] }\n}\ncourier_group \"g\" { processes = [process.p] }\n",
			"stitch.sh": script,
		})
		ws, list, err := lang.Load(dir, lang.Options{})
		if err != nil || ws.Graph == nil {
			t.Fatal(err, list)
		}
		return ws.Graph.Digest()
	}
	if digest("one") == digest("two") {
		t.Error("the digest does not see the script")
	}
}
