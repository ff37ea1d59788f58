package diag

// What is wrong with the work that a workspace describes: groups, couriers,
// bridges, processes, activations and alerts.
const (
	EmptyGroup        Code = "WB801"
	NoSource          Code = "WB802"
	TwoSources        Code = "WB803"
	NoFile            Code = "WB804"
	FileWithoutDrop   Code = "WB805"
	WaitWithoutEffect Code = "WB806"
	StopUnnoticed     Code = "WB807"
	AfterUnscheduled  Code = "WB808"
	AfterIdle         Code = "WB809"
	AfterUnlisted     Code = "WB810"
	ActiveUnscheduled Code = "WB811"
	NeverReached      Code = "WB812"
	UnheardEvent      Code = "WB813"
	UnusedBlock       Code = "WB814"
	BridgeInCompany   Code = "WB815"
	OutboundBridge    Code = "WB816"
	AllOptional       Code = "WB817"
	AlertBeforeWait   Code = "WB818"
	AfterTooShort     Code = "WB819"
	LongOffset        Code = "WB820"
	SharedCourier     Code = "WB821"
	LandingOverlap    Code = "WB822"
	MemberTwice       Code = "WB823"
	UnknownAccept     Code = "WB824"
	AcceptError       Code = "WB825"
	NoAction          Code = "WB826"
	TwoActions        Code = "WB827"
	ScriptMissing     Code = "WB828"
	QuietForever      Code = "WB829"
	DecompressIdle    Code = "WB840"
	WrongPaging       Code = "WB850"
	RangeNotAsked     Code = "WB851"
	RangeNotIgnored   Code = "WB852"
)

var workflowCodes = []Entry{
	{EmptyGroup, Error, "Group with nothing to do",
		"A group needs at least one courier, bridge, process or activation.",
		`courier_group "daily" {
  schedule = "0 13 * * *"
}`,
		`courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
}`},
	{NoSource, Error, "Courier without a source",
		"A courier pulls from exactly one source: filedrop, rest_api, warehouse or exec.",
		`courier "orders" {}`,
		`courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}`},
	{TwoSources, Error, "Courier with two sources",
		"A courier pulls from exactly one source. Make it two couriers; a group may run both.",
		`courier "orders" {
  filedrop { url = "drop" }
  exec { command = ["./fetch.sh"] }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}`,
		`courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}

courier "fetched" {
  exec { command = ["./fetch.sh"] }
}`},
	{NoFile, Error, "Folder without a file to look for",
		"A filedrop courier takes the files that its file blocks describe, and nothing else. Without one it would never land anything.",
		`courier "orders" {
  filedrop { url = "drop" }
}`,
		`courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}`},
	{FileWithoutDrop, Warning, "File rules without a folder",
		"file and ready describe the files of a filedrop. Other sources answer when they are asked, so these blocks have no effect.",
		`courier "crm" {
  rest_api { url = "https://crm.example.com/export" }
  ready { stable_for = "30s" }
}`,
		`courier "crm" {
  rest_api { url = "https://crm.example.com/export" }
}`},
	{WaitWithoutEffect, Warning, "Wait that cannot matter",
		"A warehouse answers at the first look, so nothing is waited for, and so does a REST API but for the statuses in not_ready_status. A wait matters for filedrop, and for exec, whose exit status 75 means: not ready.",
		`courier "crm" {
  wait { hours = 2 }
}`,
		`courier "crm" {}`},
	{StopUnnoticed, Warning, "Missing data stops the run, and nobody is told",
		"With on_missing = \"stop\" missing data ends the run. With notify_missing = false no alert names the files that were missing; all that is left is that the run failed.",
		`courier "orders" {
  notify_missing = false
}`,
		`courier "orders" {
  notify_missing = false
  on_missing     = "continue"
}`},
	{AfterUnscheduled, Error, "after in a group without schedule",
		"after compares the scheduled times of two groups. A group without schedule has none.",
		`courier_group "daily" {
  couriers = [courier.orders]
  after "lake" { group = courier_group.lakehouse }
}`,
		`courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
  after "lake" { group = courier_group.lakehouse }
}`},
	{AfterIdle, Error, "after a group that never runs",
		"The group that is waited for has no schedule, or is not active. It would never be done, and this group would never go on.",
		`courier_group "lakehouse" {
  schedule = "0 4 * * *"
  active   = false
  bridge "lakehouse" {}
}`,
		`courier_group "lakehouse" {
  schedule = "0 4 * * *"
  bridge "lakehouse" {}
}`},
	{AfterUnlisted, Error, "after something that the group does not run",
		"A process or activation of the group comes after another that the group does not list, so that one would never have run.",
		`courier_group "daily" {
  couriers  = [courier.orders]
  processes = [process.customer360] # after = [process.stitch]
}`,
		`courier_group "daily" {
  couriers  = [courier.orders]
  processes = [process.stitch, process.customer360]
}`},
	{ActiveUnscheduled, Error, "Active group without schedule",
		"active says whether the schedule is followed. Without a schedule there is nothing to follow; such a group runs when it is asked to.",
		`courier_group "daily" {
  active   = true
  couriers = [courier.orders]
}`,
		`courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
}`},
	{NeverReached, Warning, "Step that the run type never reaches",
		"run_type = \"source\" runs couriers and bridges alone, \"refresh\" no activations.",
		`courier_group "daily" {
  run_type    = "refresh"
  couriers    = [courier.orders]
  activations = [activation.campaign.winback]
}`,
		`courier_group "daily" {
  run_type    = "full"
  couriers    = [courier.orders]
  activations = [activation.campaign.winback]
}`},
	{UnheardEvent, Warning, "Event that reaches no alert",
		"The group asks for an event, but none of its alerts has it in on.",
		`courier_group "daily" {
  sla { complete_within = "6h" }
  alerts = [alert.slack.data_ops] # on = ["failed"]
}`,
		`alert "slack" "data_ops" {
  webhook = secret.slack_hook
  on      = ["failed", "sla_missed"]
}`},
	{UnusedBlock, Warning, "Block that no group uses",
		"Only what a group lists is ever run or told. It is often a forgotten entry of a list.",
		`courier "orders" {
  filedrop { url = "drop" }
  file "orders" { pattern = "orders-{yyyy}{MM}{dd}.csv" }
}`,
		`courier_group "daily" {
  couriers = [courier.orders]
}`},
	{BridgeInCompany, Warning, "Bridge beside couriers",
		"A bridge that is late holds up the whole group. Give it a group of its own and let this one come after it.",
		`courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
  bridge "lakehouse" {}
}`,
		`courier_group "lakehouse" {
  schedule = "0 4 * * *"
  bridge "lakehouse" {}
}

courier_group "daily" {
  schedule = "0 13 * * *"
  couriers = [courier.orders]
  after "lake" { group = courier_group.lakehouse }
}`},
	{OutboundBridge, Error, "Outbound bridge in a group",
		"A group pulls data in. A bridge that gives data out runs when the other side asks for it.",
		`bridge "lakehouse" {
  direction = "outbound"
}`,
		`bridge "lakehouse" {
  direction = "inbound"
}`},
	{AllOptional, Info, "All files of a courier are optional",
		"When every file of a courier is optional, one of them must be there all the same, or the courier counts as missing.",
		`courier "orders" {
  file "returns" {
    pattern  = "returns-{yyyy}{MM}{dd}.csv"
    optional = true
  }
}`,
		`courier "orders" {
  file "returns" { pattern = "returns-{yyyy}{MM}{dd}.csv" }
}`},
	{AlertBeforeWait, Warning, "Alert that comes before the wait is over",
		"The longest wait of the group is longer than its runtime_alert or sla. On a day when data is late, but comes in time, the alert is sent all the same.",
		`courier_group "daily" {
  sla { complete_within = "1h" }
  courier "orders" {
    wait { hours = 2 }
  }
}`,
		`courier_group "daily" {
  sla { complete_within = "4h" }
  courier "orders" {
    wait { hours = 2 }
  }
}`},
	{AfterTooShort, Warning, "after gives up before the other group does",
		"The group that is waited for may itself wait longer for its data than this group waits for it.",
		`after "lake" {
  group = courier_group.lakehouse # waits 3 hours
  wait { hours = 1 }
}`,
		`after "lake" {
  group = courier_group.lakehouse
  wait { hours = 4 }
}`},
	{LongOffset, Warning, "Offset of four weeks or more on a monthly schedule",
		"Months differ in length. Days are taken off the scheduled date one by one, so an offset of 30 days means another part of the month in February than in March. months = 1 keeps the day.",
		`courier_group "monthly" {
  schedule = "0 6 1 * *"
  courier "orders" {
    offset { days = 30 }
  }
}`,
		`courier_group "monthly" {
  schedule = "0 6 1 * *"
  courier "orders" {
    offset { months = 1 }
  }
}`},
	{SharedCourier, Warning, "Courier in two groups",
		"Each group keeps its own record of what it has read, and lands its own copy. Both read everything.",
		`courier_group "a" { couriers = [courier.orders] }
courier_group "b" { couriers = [courier.orders] }`,
		`courier_group "a" { couriers = [courier.orders] }`},
	{LandingOverlap, Error, "Landing folder in the way",
		"What has landed would lie inside a folder that a courier pulls from, or inside the store, and could be pulled again or harm the store.",
		`waybill {
  landing = "drop/landing"
}

courier "orders" {
  filedrop { url = "drop" }
}`,
		`waybill {
  landing = "landing"
}`},
	{MemberTwice, Error, "Two couriers of one name in a group",
		"The name of a courier in its group names its record of what was read and its landing folder, so it may be used once.",
		`courier_group "daily" {
  couriers = [courier.orders]
  courier "orders" {
    wait { hours = 2 }
  }
}`,
		`courier_group "daily" {
  courier "orders" {
    wait { hours = 2 }
  }
}`},
	{UnknownAccept, Error, "accept of a code that does not exist",
		"accept lists codes of warnings and notes that a group does not want to hear of.",
		`accept = ["WB9999"]`,
		`accept = ["WB314"]`},
	{AcceptError, Error, "accept of an error",
		"Warnings and notes can be accepted. An error stops the work and must be put right.",
		`accept = ["WB801"]`,
		`accept = ["WB817"]`},
	{NoAction, Error, "Step without an action",
		"A bridge, process or activation does exactly one thing: exec, http or sql.",
		`process "stitch" {}`,
		`process "stitch" {
  exec { command = ["./stitch.sh"] }
}`},
	{TwoActions, Error, "Step with two actions",
		"A bridge, process or activation does exactly one thing. Make it two steps and order them by after.",
		`process "stitch" {
  exec { command = ["./stitch.sh"] }
  http { url = "https://example.com/done" }
}`,
		`process "stitch" {
  exec { command = ["./stitch.sh"] }
}

process "report" {
  after = [process.stitch]
  http { url = "https://example.com/done" }
}`},
	{ScriptMissing, Warning, "Script that is not in the workspace",
		"A program that starts with ./ is a file of the workspace. It is not there now, so its content is not recorded, and a run would fail as misconfigured if it stays away.",
		`exec { command = ["./stich.sh"] }`,
		`exec { command = ["./stitch.sh"] }`},
	{QuietForever, Error, "Quiet hours without an end",
		"from and until are the same time, so it is not clear whether it is always quiet or never.",
		`quiet {
  from  = "20:00"
  until = "20:00"
}`,
		`quiet {
  from  = "20:00"
  until = "07:00"
}`},
	{DecompressIdle, Warning, "Decompression that does nothing",
		`decompress = "auto" goes by how a file's name ends: .gz, .zst, .zip, .tar, .tar.gz, .tgz, .tar.zst. A file of another name lands as it is, unless the format is written. max_unpacked limits what is decompressed and nothing else.`,
		`file "orders" {
  pattern    = "orders-{yyyy}{MM}{dd}.csv"
  decompress = "auto"
}`,
		`file "orders" {
  pattern    = "orders-{yyyy}{MM}{dd}.csv.gz"
  decompress = "auto"
}`},
	{WrongPaging, Error, "Paging that cannot work",
		"Pages are put together record by record, so paging needs records, and each way needs to know where the next page is found and how it is asked for.",
		`courier "contacts" {
  rest_api {
    url = "https://crm.example.com/contacts?since=${range.start}"

    paging {
      cursor {
        path      = "meta.next_cursor"
        parameter = "cursor"
      }
    }
  }
}`,
		`courier "contacts" {
  rest_api {
    url     = "https://crm.example.com/contacts?since=${range.start}"
    records = "data.items"

    paging {
      cursor {
        path      = "meta.next_cursor"
        parameter = "cursor"
      }
    }
  }
}`},
	{RangeNotAsked, Warning, "Request without a range",
		"Nothing in the request says what range it is about, so every run asks for the same and lands everything again, whatever the schedule and the offset.",
		`courier "contacts" {
  rest_api { url = "https://crm.example.com/contacts" }
}`,
		`courier "contacts" {
  rest_api {
    url           = "https://crm.example.com/contacts"
    ignores_range = true
  }
}`},
	{RangeNotIgnored, Warning, "Range that is ignored and asked for",
		"ignores_range says that each run loads everything, and the plan shows it so; the request has the range in it all the same.",
		`courier "contacts" {
  rest_api {
    url           = "https://crm.example.com/contacts?from=${range.start}&to=${range.end}"
    ignores_range = true
  }
}`,
		`courier "contacts" {
  rest_api {
    url = "https://crm.example.com/contacts?from=${range.start}&to=${range.end}"
  }
}`},
}
