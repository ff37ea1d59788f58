package apply

import (
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/plan"
)

// Check lists why a plan may not be applied; it is empty for one that may.
func Check(p *plan.Plan) diag.List {
	var list diag.List
	if p.AtStated {
		list = append(list, diag.PlanAtStated.New(nil, "Plan made with --at",
			"This plan was made for a stated time, %s. Plan again without --at, and apply that plan.", p.At.UTC().Format("2006-01-02 15:04 UTC")))
	}
	if p.Offline {
		list = append(list, diag.PlanOffline.New(nil, "Plan made with --offline",
			"This plan was made without asking what is applied. Plan again without --offline, where the runtime can be reached."))
	}
	if p.View.Partial() {
		list = append(list, diag.PlanPartial.New(nil, "Plan that shows a part",
			"This plan was made with --group or --exclude and leaves out changes that applying it would make. Plan again without them, or with --target for the changes of some groups alone."))
	}
	if n := p.Diagnostics.Count(diag.Error); n > 0 || p.Graph == nil {
		list = append(list, diag.PlanHasErrors.New(nil, "Plan with errors",
			"The workspace has errors: %d are listed in this plan. Correct them and plan again.", n))
	}
	return list.Sorted()
}
