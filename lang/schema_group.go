package lang

import "github.com/waybill-dev/waybill/lang/graph"

var (
	timezoneAttribute  = Attribute{Name: "timezone", Kind: Zone, Default: "UTC", Doc: "Zone of the schedule."}
	fileDatesAttribute = Attribute{Name: "file_dates", Kind: Zone, Words: []string{"utc", "schedule"}, Default: "utc",
		Doc: "Whose calendar file names and ranges follow: utc, schedule (the group's zone), or an IANA zone."}
	overlapAttribute = Attribute{Name: "overlap", Kind: Word, Words: overlapWords, Default: graph.BufferOne,
		Doc: "What becomes of ticks that fall due during a run."}
	catchUpAttribute = Attribute{Name: "catch_up", Kind: Word, Words: catchUpWords, Default: graph.Coalesce,
		Doc: "What becomes of ticks that nothing could take."}
	descriptionAttribute = Attribute{Name: "description", Kind: Text, Doc: "What it is for, for those who read it."}
	alertsAttribute      = Attribute{Name: "alerts", Kind: Refs, Refs: []string{graph.KindAlert}, Doc: "Who is told."}
	onMissingAttribute   = Attribute{Name: "on_missing", Kind: Word, Words: onMissingWords, Default: graph.OnMissingStop,
		Doc: "Whether the run goes on without data that is missing at the deadline."}
	memberDefaults = []Attribute{
		onMissingAttribute,
		{Name: "notify_missing", Kind: Bool, Default: "true", Doc: "Whether missing data is an alert."},
	}
)

var waitSchema = Block{
	Type: "wait", Doc: "Until when data may arrive, from the start of the run; elapsed time.",
	Attributes: unitAttributes("days", "hours", "minutes", "seconds"),
}

var offsetSchema = Block{
	Type: "offset", Doc: "How far both ends of the range move back. Months, weeks and days are calendar units in the range zone, the rest is elapsed.",
	Attributes: unitAttributes("months", "weeks", "days", "hours", "minutes", "seconds"),
}

// unitAttributes are numbers of units, each at most ten years.
func unitAttributes(units ...string) []Attribute {
	most := map[string]int{"months": 120, "weeks": 520, "days": 3650, "hours": 87600, "minutes": 5256000, "seconds": 315360000}
	var list []Attribute
	for _, u := range units {
		list = append(list, Attribute{Name: u, Kind: Unit, Max: most[u], Doc: "Whole " + u + "."})
	}
	return list
}

var dstSchema = Block{
	Type: "dst", Doc: "What happens when clocks change.",
	Attributes: []Attribute{
		{Name: "gap", Kind: Word, Words: []string{"next_valid", "shift", "skip"}, Default: "next_valid",
			Doc: "The scheduled local time does not exist: one run at the end of the gap, each run moved by its length, or none."},
		{Name: "fold", Kind: Word, Words: []string{"first", "second", "both"}, Default: "first",
			Doc: "The scheduled local time occurs twice."},
		{Name: "class", Kind: Word, Words: []string{"auto", "fixed", "interval"}, Default: "auto",
			Doc: "Times of day or a cadence; auto: a cadence if minute or hour starts with *."},
	},
}

var groupSchema = Block{
	Type: "courier_group", Labels: []string{"name"}, Many: true, Doc: "What runs together, when, and what follows.",
	Attributes: []Attribute{
		forEachAttribute,
		descriptionAttribute,
		{Name: "schedule", Kind: Cron, Doc: "Five cron fields, or a tag such as @daily; unset: runs only when asked to."},
		timezoneAttribute,
		{Name: "active", Kind: Bool, Doc: "Whether the schedule is followed; default: yes, if there is one."},
		{Name: "run_type", Kind: Word, Words: []string{graph.RunFull, graph.RunRefresh, graph.RunSource}, Default: graph.RunFull,
			Doc: "full: couriers, processes, activations; refresh: no activations; source: couriers and bridges only."},
		fileDatesAttribute,
		{Name: "couriers", Kind: Refs, Refs: []string{graph.KindCourier}, Doc: "Couriers with the group's defaults."},
		{Name: "processes", Kind: Refs, Refs: []string{graph.KindProcess}, Doc: "Processes to run."},
		{Name: "activations", Kind: Refs, Refs: []string{graph.KindActivation}, Doc: "Activations to run."},
		{Name: "past_day_only", Kind: Bool, Default: "false", Doc: "Read no more than the past day, also after missed runs, and drop what is older."},
		{Name: "expected_runtime", Kind: Duration, Min: 1, Doc: "How long a run usually takes, waits apart. The plan checks it against the next run (WB601), clock changes (WB313) and groups that wait for this one (WB311); runs do not use it."},
		overlapAttribute, catchUpAttribute,
		{Name: "max_range", Kind: Duration, Min: 60, Doc: "The longest range of a run, which is blocked if it would read more; default 31d, or three periods where that is longer."},
		{Name: "start_from", Kind: Instant, Doc: "Where the first run of the first deployment begins to read."},
		alertsAttribute,
		{Name: "accept", Kind: Codes, Doc: "Codes of warnings and notes that the group does not want to hear of."},
		{Name: "max_concurrent", Kind: Int, Min: 1, Doc: "How many tasks of a run may be worked on at once; no limit if unset."},
	},
	Blocks: []*Block{
		&dstSchema, &groupDefaultsSchema, &memberSchema, &groupBridgeSchema, &afterSchema, &runtimeAlertSchema, &slaSchema,
	},
}

var groupDefaultsSchema = Block{
	Type: "defaults", Doc: "Defaults of the group's couriers; an inner block replaces the outer one whole.",
	Attributes: memberDefaults,
	Blocks:     []*Block{&waitSchema, &offsetSchema},
}

var memberSchema = Block{
	Type: "courier", Labels: []string{"name"}, Many: true, Doc: "A courier of the group. Without use, its name is the reference.",
	Attributes: append([]Attribute{
		{Name: "use", Kind: Ref, Refs: []string{graph.KindCourier}, Doc: "The courier, where it has another name."},
	}, memberDefaults...),
	Blocks: []*Block{&waitSchema, &offsetSchema},
}

var groupBridgeSchema = Block{
	Type: "bridge", Labels: []string{"name"}, Many: true, Doc: "A bridge of the group. Without use, its name is the reference.",
	Attributes: []Attribute{
		{Name: "use", Kind: Ref, Refs: []string{graph.KindBridge}, Doc: "The bridge, where it has another name."},
	},
}

var afterSchema = Block{
	Type: "after", Labels: []string{"name"}, Many: true,
	Doc: "Another group must have done its newest tick at or before this one.",
	Attributes: []Attribute{
		{Name: "group", Kind: Ref, All: true, Refs: []string{graph.KindGroup}, Required: true, Example: `courier_group.lakehouse`, Doc: "The other group."},
		onMissingAttribute,
		{Name: "gate", Kind: Word, Words: []string{graph.GateDownstream, graph.GateStart}, Default: graph.GateDownstream,
			Doc: "What is held back: downstream (couriers load meanwhile), or the start."},
	},
	Blocks: []*Block{&waitSchema, &offsetSchema},
}

var runtimeAlertSchema = Block{
	Type: "runtime_alert", Doc: "An alert when a run takes long.",
	Attributes: []Attribute{{Name: "exceeds", Kind: Duration, Required: true, Min: 1, Example: `"4h"`, Doc: "How long, from its start."}},
}

var slaSchema = Block{
	Type: "sla", Doc: "A promise, with an alert when it is broken.",
	Attributes: []Attribute{{Name: "complete_within", Kind: Duration, Required: true, Min: 1, Example: `"6h"`, Doc: "From the scheduled time to the end of the run."}},
}
