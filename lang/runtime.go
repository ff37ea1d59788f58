package lang

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

var (
	runFields      = []string{"id", "group", "scheduled_at", "started_at", "range_start", "range_end", "dates", "landing"}
	rangeFields    = []string{"start", "end"}
	responseFields = []string{"json", "status", "body", "headers"}
)

func runtimeNames(root string) string {
	switch root {
	case "run":
		return ": run." + strings.Join(runFields, ", run.")
	case "range":
		return ": range.start, range.end"
	case "response":
		return ": response." + strings.Join(responseFields, ", response.")
	}
	return ": secret.NAME"
}

// checkRuntime reports a run-time value that does not exist, or may not stand
// where it does.
func (s *scope) checkRuntime(t hcl.Traversal, ref string, at site) bool {
	root, where := t.RootName(), place(t.SourceRange())
	field := t[1].(hcl.TraverseAttr).Name
	switch root {
	case "secret":
		return s.checkSecret(t, field, at)
	case "run":
		if !s.knownField(root, field, runFields, len(t) == 2, where) {
			return false
		}
	case "range":
		if !s.knownField(root, field, rangeFields, len(t) == 2, where) {
			return false
		}
	case "response":
		if !s.knownField(root, field, responseFields, true, where) {
			return false
		}
	}
	switch {
	case root == "response" && at.takes&ResponseValues == 0:
		s.report.add(diag.MisplacedRuntime, where, "No response here",
			"%s is the answer to a request that is polled; it is known only in the poll block of http. %s cannot hold it.", ref, at.what)
	case root != "response" && at.takes&RunValues == 0:
		s.report.add(diag.MisplacedRuntime, where, "Run-time value where there is none",
			"%s is known only when a run uses it; it may stand in exec, http, sql, rest_api and warehouse. Write %s without it.", ref, at.what)
	case root == "range" && at.kind != graph.KindCourier:
		s.report.add(diag.MisplacedRuntime, where, "No range here",
			"range.%s is the range of one courier. In %s %s write run.range_%s, from the earliest to the latest that any courier of the run reads.", field, article(noun(at.kind)), noun(at.kind), field)
	case ref == "run.landing" && at.kind == graph.KindCourier:
		s.report.add(diag.MisplacedRuntime, where, "No landing here",
			"run.landing lists what has landed, for processes and activations. A courier writes into the folder in the environment variable WAYBILL_LANDING.")
	case ref == "run.landing" && at.kind == graph.KindBridge:
		s.report.add(diag.MisplacedRuntime, where, "No landing here",
			"run.landing lists what has landed, for processes and activations. A bridge starts together with the couriers, before anything has landed.")
	default:
		return true
	}
	return false
}

func (s *scope) knownField(root, field string, fields []string, whole bool, where *diag.Range) bool {
	switch {
	case !slices.Contains(fields, field):
		hint := didYouMean(field, root+".", fields)
		if hint == "" {
			hint = " There are: " + strings.TrimPrefix(runtimeNames(root), ": ") + "."
		}
		s.report.add(diag.UnknownRuntime, where, "Unknown run-time value", "There is no %s.%s.%s", root, field, hint)
	case !whole:
		s.report.add(diag.UnknownRuntime, where, "Unknown run-time value", "%s.%s is plain text; nothing can be taken out of it.", root, field)
	default:
		return true
	}
	return false
}

func (s *scope) checkSecret(t hcl.Traversal, name string, at site) bool {
	where := place(t.SourceRange())
	addr := graph.NewAddr(graph.KindSecret, name)
	if s.blocks[addr] == nil {
		hint := s.likely(graph.KindSecret, name)
		if hint == "" {
			hint = " Declare it: secret \"" + name + "\" { env = \"" + strings.ToUpper(name) + "\" }."
		}
		s.absentBlock(addr, where, "There is no secret %q.%s", name, hint)
		return false
	}
	s.used[string(addr)] = true
	switch {
	case len(t) > 2:
		s.report.add(diag.UnknownReference, where, "Unknown secret", "A secret is plain text: write %s.", addr)
	case at.takes&SecretValues == 0 && at.takes&RunValues != 0 && at.what == "command":
		s.report.add(diag.MisplacedSecret, where, "Secret as an argument of a program",
			"Everybody on the machine can read the arguments of a program. Give it in the environment: environment = { TOKEN = %s }.", addr)
	case at.takes&SecretValues == 0:
		s.report.add(diag.MisplacedSecret, where, "Secret where it would be seen",
			"%s cannot hold a secret: it is stored and shown. Secrets may stand in headers, bodies, URLs, environment and credentials.", at.what)
	default:
		return true
	}
	return false
}
