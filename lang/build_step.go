package lang

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

var actionTypes = []string{"exec", "http", "sql"}

// step builds a bridge, a process or an activation.
func (b *builder) step(addr graph.Addr, o *object) graph.Step {
	s := graph.Step{Addr: addr, OnUnknown: o.text("on_unknown"), Timeout: o.duration("timeout"), Retry: b.retry(o)}
	switch o.schema.Type {
	case graph.KindBridge:
		s.Direction = o.text("direction")
	case graph.KindActivation:
		s.Type = o.label0()
		s.RequireComplete = o.flag("require_complete")
		s.After = addrs(o, "after")
	default:
		s.After = addrs(o, "after")
	}
	action := b.one(o, addr, actionTypes, diag.NoAction, diag.TwoActions, upperFirst(article(o.schema.Type))+" "+o.schema.Type+" does exactly one thing")
	if action == nil {
		return s
	}
	switch action.schema.Type {
	case "exec":
		s.Exec = b.exec(action)
	case "http":
		s.HTTP = b.request(action)
	case "sql":
		s.SQL = b.sql(action)
	}
	return s
}

// addrs returns the addresses of a list of references, sorted, each once.
func addrs(o *object, name string) []graph.Addr {
	refs, _ := written[[]ref](o, name)
	var list []graph.Addr
	for _, r := range refs {
		list = append(list, r.addr)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// request builds an http action or a rest_api source.
func (b *builder) request(o *object) *graph.HTTP {
	h := &graph.HTTP{
		Method: o.text("method"), URL: o.value("url"), Headers: o.valueMap("headers"), Body: o.value("body"), JSON: o.value("json"),
		BearerToken: o.value("bearer_token"),
	}
	b.webURL(o, "url")
	if h.Body != nil && h.JSON != nil {
		b.add(diag.BadValue, o.place("json"), "body and json", "A request has body (text) or json (a value to write as JSON), not both.")
	}
	if codes, ok := written[[]int](o, "expect_status"); ok {
		slices.Sort(codes)
		h.ExpectStatus = slices.Compact(codes)
	}
	if a := o.only("basic_auth"); a != nil {
		h.BasicAuth = &graph.BasicAuth{Username: a.value("username"), Password: a.value("password")}
		if o.has("bearer_token") {
			b.add(diag.BadValue, a.at, "basic_auth and bearer_token", "A request has one of the two, since both set the Authorization header.")
		}
	}
	if p := o.only("poll"); p != nil {
		b.webURL(p, "url")
		h.Poll = &graph.Poll{URL: p.value("url"), Every: p.duration("every")}
		h.Poll.Done, _ = written[graph.Condition](p, "done")
		h.Poll.Success, _ = written[graph.Condition](p, "success")
	}
	return h
}

// webURL checks what is known of a URL before a run.
func (b *builder) webURL(o *object, name string) {
	v := o.value(name)
	if len(v) == 0 || v[0].Ref != "" {
		return
	}
	text := strings.ToLower(v[0].Literal)
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		b.add(diag.BadValue, o.place(name), "Wrong value for "+name, "%q is not a web address: one starts with https:// or http://.", v.String())
	}
}

func (b *builder) exec(o *object) *graph.Exec {
	e := &graph.Exec{Command: o.values("command"), Environment: o.valueMap("environment")}
	if dir := o.text("working_dir"); dir != "." {
		e.WorkingDir = dir
	}
	if l := o.only("limits"); l != nil {
		e.Limits = graph.Limits{Memory: l.size("memory"), CPUTime: l.duration("cpu_time"), OpenFiles: l.number("open_files")}
	}
	if empty[graph.Value](o, "command") {
		b.add(diag.BadValue, o.place("command"), "Wrong value for command", "The command is empty. Its first element is the program: command = [\"./stitch.sh\"].")
		return e
	}
	b.variableNames(o)
	if len(e.Command) > 0 {
		if program, ok := e.Command[0].Literal(); ok {
			e.Script, e.ScriptSHA = b.script(o, program)
		}
	}
	return e
}

// variableNames checks the names of the environment variables of a program.
func (b *builder) variableNames(o *object) {
	for name := range o.valueMap("environment") {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			b.add(diag.BadValue, o.place("environment"), "Wrong value for environment", "%q is not the name of an environment variable.", name)
		}
	}
}

// scriptText reads a file of the workspace, but no pipe, which could make it wait
// for ever.
func (b *builder) scriptText(name string) ([]byte, error) {
	info, err := b.root.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fs.ErrNotExist
	}
	return b.root.ReadFile(name)
}

// script returns the name and the sum of the content of a program that is a file
// of the workspace; of any other, nothing.
func (b *builder) script(o *object, program string) (name, sha string) {
	if program == "" {
		b.add(diag.BadValue, o.place("command"), "Wrong value for command", "The program, the first element, is empty.")
		return "", ""
	}
	name = path.Clean(program)
	if path.IsAbs(program) || !fs.ValidPath(name) || b.root == nil {
		return "", ""
	}
	text, err := b.scriptText(name)
	switch {
	case err == nil:
		sum := sha256.Sum256(text)
		return name, hex.EncodeToString(sum[:])
	case errors.Is(err, fs.ErrPermission):
		b.fault = fmt.Errorf("read script: %w", err)
	case wholeLine(o, program):
		meant := `["` + strings.Join(strings.Fields(program), `", "`) + `"], each argument by itself`
		if strings.ContainsAny(program, shellSigns) {
			meant = fmt.Sprintf(`["sh", "-c", %q], which asks a shell`, program)
		}
		b.add(diag.BadValue, o.place("command"), "Wrong value for command", "There is no program called %q. Write %s.", program, meant)
	case strings.HasPrefix(program, "./"):
		b.add(diag.ScriptMissing, o.place("command"), "Script that is not in the workspace",
			"%s is not in the workspace, so its content is not recorded. Put it there, or write the name alone if it is found by PATH.", program)
	}
	return "", ""
}

// shellSigns are what only a shell understands.
const shellSigns = "|&;<>$*"

// wholeLine reports whether the one element of a command is a program with its
// arguments, and no path that has a space in it.
func wholeLine(o *object, program string) bool {
	word, rest, more := strings.Cut(strings.TrimSpace(program), " ")
	asLine := strings.HasPrefix(strings.TrimSpace(rest), "-") || strings.ContainsAny(program, shellSigns)
	return more && len(o.values("command")) == 1 && (asLine || !strings.ContainsAny(word, `/\`))
}
