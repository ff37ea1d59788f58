package diag

// The codes of plan and apply.
const (
	PlanAtStated     Code = "WB901"
	PlanOffline      Code = "WB902"
	PlanHasErrors    Code = "WB903"
	UnreadableGraph  Code = "WB909"
	PlanFileForeign  Code = "WB911"
	PlanFileCut      Code = "WB912"
	PlanFileAltered  Code = "WB913"
	PlanFileNewer    Code = "WB914"
	PlanStale        Code = "WB921"
	PlanOfAnother    Code = "WB922"
	PlanBaseReplaced Code = "WB923"
	MovedIdle        Code = "WB931"
	PlanPartial      Code = "WB932"
	PlanSelection    Code = "WB933"
	PlanTarget       Code = "WB934"
	PlanHorizon      Code = "WB935"
)

var planCodes = []Entry{
	{
		Code: PlanAtStated, Severity: Error,
		Title: "Plan made for a stated time",
		Explanation: `--at replaces the present by a time of your choice, so that a plan can be repeated or the future looked at. What such a plan says of the next runs is not what will happen if it is applied now.

Plan again without --at, and apply that plan.`,
		Bad: `waybill plan --at 2027-03-14T00:00:00Z --out next.plan
waybill apply next.plan`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanOffline, Severity: Error,
		Title: "Plan made without asking the runtime",
		Explanation: `--offline compares the workspace with nothing: every block is new, and no run that has happened is known. Applying such a plan could undo what somebody else applied.

Plan again without --offline where the runtime can be reached.`,
		Bad: `waybill plan --offline --out review.plan
waybill apply review.plan`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanHasErrors, Severity: Error,
		Title: "Plan with errors",
		Explanation: `The plan holds errors of the workspace. It can be read, and never applied.

Correct what the plan lists and plan again.`,
		Bad:  `waybill apply broken.plan`,
		Good: `waybill validate && waybill plan --out next.plan && waybill apply next.plan`,
	},
	{
		Code: UnreadableGraph, Severity: Error,
		Title: "Group that this release cannot read",
		Explanation: `A compiled workspace holds a schedule, a zone or a pattern that this release does not accept. That happens when another release compiled it.

Plan again from the source files with this release.`,
		Bad: `waybill show old.plan`,
		Good: `waybill plan --out new.plan
waybill show new.plan`,
	},
	{
		Code: PlanFileForeign, Severity: Error,
		Title: "File that is no plan",
		Explanation: `The file was not written by "waybill plan --out". It may be JSON of another program, the output of "waybill plan --json", or a plan of another tool.

Name the file that "waybill plan --out FILE" wrote.`,
		Bad: `waybill plan --json > next.json
waybill apply next.json`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanFileCut, Severity: Error,
		Title: "Plan file that was cut short",
		Explanation: `The end of the file is missing: a copy, an upload or a full disk broke off. Nothing was applied.

Copy the file again, or plan again.`,
		Bad: `head -c 1000 next.plan > copy.plan
waybill apply copy.plan`,
		Good: `cp next.plan copy.plan
waybill apply copy.plan`,
	},
	{
		Code: PlanFileAltered, Severity: Error,
		Title: "Plan file that was altered",
		Explanation: `The content of the file does not have the digest that was written with it: somebody edited it, or it was damaged. A plan is applied as it was reviewed or not at all.

Change the workspace and plan again.`,
		Bad: `sed -i s/courier/Courier/ next.plan
waybill apply next.plan`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanFileNewer, Severity: Error,
		Title: "Plan file of a newer release",
		Explanation: `A newer release of Waybill wrote the file in a format that this one does not know. It is left untouched.

Apply it with that release, or plan again with this one.`,
		Bad: `waybill apply next.plan   # written by a newer release`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanStale, Severity: Error,
		Title: "Stale plan",
		Explanation: `Something was applied after the plan was made, so that what it announces is no longer what would happen. Nothing was applied.

Plan again, read what changed, and apply the new plan.`,
		Bad: `waybill plan --out next.plan
waybill apply --auto-approve   # somebody else, meanwhile
waybill apply next.plan`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanOfAnother, Severity: Error,
		Title: "Plan of another workspace",
		Explanation: `The plan was made against another store than the one it is applied to: another directory, another server, or a store that was deleted and made again.

Apply it where it was made, or plan again here.`,
		Bad: `waybill -C prod plan --out next.plan
waybill -C dev apply next.plan`,
		Good: `waybill -C prod plan --out next.plan
waybill -C prod apply next.plan`,
	},
	{
		Code: PlanBaseReplaced, Severity: Error,
		Title: "Plan against a deployment that was replaced",
		Explanation: `The runtime has the serial that the plan was made from, and another content: its store was restored from a copy, or changed by hand. Nothing was applied.

Plan again.`,
		Bad: `cp backup/waybill.db .waybill/
waybill apply next.plan`,
		Good: `waybill plan --out next.plan
waybill apply next.plan`,
	},
	{
		Code: MovedIdle, Severity: Info,
		Title: "Moved block without effect",
		Explanation: `A moved block gives what is applied under its former address another one. Nothing with that address is applied here, or the present address is applied already: the move has been made, or was never needed.

Keep the block until every place where the workspace is applied has made the move; then remove it.`,
		Bad: `moved {
  from = courier_group.nightly   # applied long ago
  to   = courier_group.daily
}`,
		Good: `# the moved block is gone`,
	},
	{
		Code: PlanPartial, Severity: Error,
		Title: "Plan that shows a part",
		Explanation: `--group and --exclude choose what a plan shows. The plan does not say what else applying would change, so it is not applied.

Plan again without them. To apply the changes of some groups alone, plan with --target.`,
		Bad: `waybill plan --group daily --out next.plan
waybill apply next.plan`,
		Good: `waybill plan --target daily --out next.plan
waybill apply next.plan`,
	},
	{
		Code: PlanSelection, Severity: Error,
		Title: "Group that is not there",
		Explanation: `--group, --exclude and --target name courier groups of the workspace or of what is applied, with or without "courier_group.".

Correct the name. "waybill plan" without a selection lists all groups.`,
		Bad:  `waybill plan --group dayly`,
		Good: `waybill plan --group daily`,
	},
	{
		Code: PlanTarget, Severity: Error,
		Title: "Target that cannot be applied alone",
		Explanation: `--target applies the changes of some groups, and of what they need, to what is applied now. What comes out must be whole: nothing that stays may need something that goes.

Add the groups that the message names to the targets, or apply everything.`,
		Bad:  `waybill plan --target lakehouse   # "reports", which is applied, comes after it`,
		Good: `waybill plan --target lakehouse --target reports`,
	},
	{
		Code: PlanHorizon, Severity: Error,
		Title: "Horizon out of bounds",
		Explanation: `--horizon says how far into the future runs are looked at: more than nothing, and at most ten years, the time over which coverage is proved. To look at another time, move the beginning with --at.

Write a duration such as 30d.`,
		Bad:  `waybill plan --horizon 50000d`,
		Good: `waybill plan --horizon 30d`,
	},
}
