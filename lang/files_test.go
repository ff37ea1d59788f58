package lang_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

func TestFile(t *testing.T) {
	t.Parallel()
	outside := workspace(t, map[string]string{"secret.txt": "outside"})
	dir := workspace(t, map[string]string{
		"main.hcl": "", "a.txt": "hello", "sub/b.txt": "ä", "sub/deep/c.txt": "", "latin1.txt": "gr\xfcn", "nul.txt": "a\x00b", "big.txt": strings.Repeat("x", 1<<20+1),
		"full.txt": strings.Repeat("x", 1<<20), ".waybill/store.db": "", "sub/.hidden": "",
		"ok.tpl": "${upper(who)}%{ for x in list } ${x}%{ endfor }", "number.tpl": "${n}", "unknown.tpl": "line\n${whom}", "call.tpl": "${uper(who)}", "again.tpl": `${templatefile("again.tpl", {})}`,
		"broken.tpl": "a\n${",
		"loop.tpl":   "%{ for a in range(1000) }%{ for b in range(1000) }%{ for c in range(1000) }x${ /* " + strings.Repeat("x", 1<<16) + " */ \"\" }%{ endfor }%{ endfor }%{ endfor }", "list.tpl": "${[]}",
	})
	for link, to := range map[string]string{"out.txt": filepath.Join(outside, "secret.txt"), "up.txt": "../../../etc/passwd", "in.txt": "sub/b.txt", "dangling.txt": "nowhere", "outdir": outside} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.txt"), 0o600); err != nil {
		t.Fatal(err)
	}
	ws, _, err := lang.Load(dir, lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ expr, want string }{
		{`file("a.txt")`, `"hello"`},
		{`file("./sub/../a.txt")`, `"hello"`},
		{`file("sub/b.txt")`, `"ä"`},
		{`file("in.txt")`, `"ä"`},
		{`strlen(file("full.txt"))`, `1048576`},
		{`file("b.txt")`, "there is no file"},
		{`file("a.tx")`, "did you mean a.txt"},
		{`file("/etc/passwd")`, "absolute"},
		{`file("C:/x")`, "absolute"},
		{`file("sub\\b.txt")`, "forward slashes"},
		{`file("../a.txt")`, "leads out of the workspace"},
		{`file("")`, "empty"},
		{`file("sub")`, "is a directory"},
		{`file("out.txt")`, "link that leads out of the workspace"},
		{`file("up.txt")`, "link that leads out of the workspace"},
		{`file("outdir/secret.txt")`, "link that leads out of the workspace"},
		{`file("dangling.txt")`, "there is no file"},
		{`file("pipe.txt")`, "not a regular file"},
		{`file("latin1.txt")`, "byte 3, in line 1"},
		{`file("nul.txt")`, "byte 2, in line 1"},
		{`file("big.txt")`, "more than 1 MB"},
		{`fileset("sub", "**")`, `["b.txt", "deep/c.txt"]`},
		{`fileset("sub/", "*.txt")`, `["b.txt"]`},
		{`fileset(".", "**/{b,c}.txt")`, `["sub/b.txt", "sub/deep/c.txt"]`},
		{`fileset(".", "?.txt")`, `["a.txt"]`},
		{`fileset(".", "*n.txt")`, `["in.txt"]`},
		{`fileset(".", "outdir/*")`, `[]`},
		{`fileset(".", "**/*.db")`, `[]`},
		{`fileset(".", ".waybill/*")`, `[".waybill/store.db"]`},
		{`fileset("sub", "../*")`, "no pattern"},
		{`fileset("sub", "[")`, "no pattern"},
		{`fileset("none", "*")`, "there is no file"},
		{`fileset("a.txt", "*")`, "is a file"},
		{`fileset("outdir", "*")`, "link that leads out"},
		{`templatefile("ok.tpl", { who = "ada", list = [1, 2] })`, `"ADA 1 2"`},
		{`templatefile("number.tpl", { n = 1 })`, `"1"`},
		{`templatefile("unknown.tpl", { who = "ada" })`, "Did you mean who?"},
		{`templatefile("call.tpl", { who = "ada" })`, "Did you mean upper?"},
		{`templatefile("again.tpl", {})`, "cannot read another"},
		{`templatefile("broken.tpl", {})`, ""},
		{`templatefile("loop.tpl", {})`, "steps"},
		{`templatefile("list.tpl", {})`, "gives a list"},
		{`templatefile("ok.tpl", "x")`, "are an object"},
		{`templatefile("../ok.tpl", {})`, "leads out"},
	} {
		got, list := ws.Eval(tt.expr)
		switch {
		case list.HasErrors() && (len(list) != 1 || list[0].Range == nil):
			t.Errorf("%s: %+v, want one problem with its place", tt.expr, list)
		case list.HasErrors() && !strings.Contains(list[0].Detail, tt.want):
			t.Errorf("%s: %s, want %s", tt.expr, list[0].Detail, tt.want)
		case !list.HasErrors() && got.HCL() != tt.want:
			t.Errorf("%s is %s, want %s", tt.expr, got.HCL(), tt.want)
		}
	}
}
