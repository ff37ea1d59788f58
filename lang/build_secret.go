package lang

import (
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// secret builds where a secret is found.
func (b *builder) secret(o *object) {
	s := graph.Secret{Name: o.label(), Env: o.text("env"), File: o.text("file")}
	var found []string
	for _, name := range []string{"env", "file"} {
		if o.has(name) {
			found = append(found, name)
		}
	}
	if helper := o.only("exec"); helper != nil {
		found = append(found, "exec")
		s.Exec = b.secretExec(helper)
	}
	if len(found) != 1 && (len(found) > 0 || len(o.meant) == 0) { // one that is misspelt is reported
		what := "It has none of them."
		if len(found) > 1 {
			what = "It has " + strings.Join(found, " and ") + "."
		}
		b.add(diag.BadValue, o.at, "Secret without one place", "A secret is found in exactly one place: env (an environment variable), file, or exec (a program). %s", what)
	}
	b.graph.Secrets = append(b.graph.Secrets, s)
}

// secretExec builds the program of a secret. It is run as it is written: there is
// no run yet that could tell it anything.
func (b *builder) secretExec(o *object) *graph.SecretExec {
	e := &graph.SecretExec{
		Command: o.list("command"), Output: o.text("output"), TTL: o.duration("ttl"), Timeout: o.duration("timeout"),
	}
	for name, v := range o.valueMap("environment") {
		if e.Environment == nil {
			e.Environment = map[string]string{}
		}
		e.Environment[name], _ = v.Literal() // the table lets nothing else through
	}
	b.variableNames(o)
	if empty[string](o, "command") {
		b.add(diag.BadValue, o.place("command"), "Wrong value for command", "The command is empty. Its first element is the program: command = [\"vault\", \"kv\", \"get\", \"…\"].")
	}
	if len(e.Command) > 0 {
		e.Script, e.ScriptSHA = b.script(o, e.Command[0])
	}
	return e
}

// serverToken refuses a token of the server that a program would be asked for:
// every plan asks the server, and no plan runs what the workspace names.
func (b *builder) serverToken() {
	for _, p := range b.graph.Runtime.Token {
		name, isSecret := strings.CutPrefix(p.Ref, "secret.")
		if s := b.graph.Secret(name); isSecret && s != nil && s.Exec != nil {
			b.add(diag.BadValue, b.graph.Place("waybill", "runtime.token"), "Wrong value for token",
				"%s is found by a program, and to plan is not to run what a workspace names. Give the token of the server in env or file, or in WAYBILL_TOKEN.", p.Ref).Address = "waybill"
		}
	}
}
