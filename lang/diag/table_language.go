package diag

// What is wrong with the text of a workspace: its syntax, its names, its types
// and its expressions.
const (
	SyntaxError      Code = "WB701"
	UnknownBlock     Code = "WB702"
	UnknownAttribute Code = "WB703"
	WrongLabels      Code = "WB704"
	DuplicateName    Code = "WB705"
	MissingAttribute Code = "WB706"
	RepeatedBlock    Code = "WB707"
	InvalidName      Code = "WB708"
	OneLineBlock     Code = "WB709"
	UnknownReference Code = "WB710"
	WrongReference   Code = "WB711"
	QuotedReference  Code = "WB712"
	ReferenceCycle   Code = "WB713"
	UnknownFunction  Code = "WB714"
	BadExpression    Code = "WB715"
	WrongType        Code = "WB716"
	UnknownWord      Code = "WB717"
	BadDuration      Code = "WB718"
	BadUnits         Code = "WB719"
	BadValue         Code = "WB720"
	MissingVariable  Code = "WB721"
	BadVariable      Code = "WB722"
	MisplacedRuntime Code = "WB723"
	UnknownRuntime   Code = "WB724"
	MisplacedSecret  Code = "WB725"
	ComputedRuntime  Code = "WB726"
	QuotedParameter  Code = "WB727"
	SensitiveValue   Code = "WB728"
	NotYet           Code = "WB729"
	BadCondition     Code = "WB730"
	EmptyWorkspace   Code = "WB731"
	VersionNotMet    Code = "WB732"
	UnusedName       Code = "WB733"
	BadSize          Code = "WB734"
	OpenSecret       Code = "WB735"
	UnknownInput     Code = "WB740"
	RefusedValue     Code = "WB741"
	BadForEach       Code = "WB750"
	KeylessReference Code = "WB751"
	MovedAddress     Code = "WB770"
	MovedFromThere   Code = "WB771"
	MovedToNowhere   Code = "WB772"
	MovedTwice       Code = "WB773"
	MovedCycle       Code = "WB774"
	TooMuch          Code = "WB760"
	HugeNumber       Code = "WB761"
	NotText          Code = "WB762"
	LargeFile        Code = "WB763"
	NotAFile         Code = "WB764"
	OtherEnding      Code = "WB765"
)

var languageCodes = []Entry{
	{SyntaxError, Error, "Syntax error",
		"The text is not valid HCL, or not valid JSON where the file ends in .json. Each block is read on its own, so an error in one does not hide the problems of the others.",
		`courier_group "daily" {
  schedule = "0 13 * * *
}`,
		`courier_group "daily" {
  schedule = "0 13 * * *"
}`},
	{UnknownBlock, Error, "Unknown block",
		"No block of this type can stand here. The message names the nearest type that can.",
		`couriers "orders" {}`,
		`courier "orders" {
  # …
}`},
	{UnknownAttribute, Error, "Unknown attribute",
		"The block has no attribute of this name. The message names the nearest one, or lists those that there are.",
		`courier_group "daily" {
  cron = "0 13 * * *"
}`,
		`courier_group "daily" {
  schedule = "0 13 * * *"
}`},
	{WrongLabels, Error, "Wrong labels",
		"The labels are the quoted words between the type of a block and its brace. Each type of block takes a fixed number of them.",
		`alert "data_ops" {}`,
		`alert "slack" "data_ops" {
  # …
}`},
	{DuplicateName, Error, "Name used twice",
		"Two blocks have the same address, or two attributes of a block the same name. The message shows both places. Rename one or remove it.",
		`secret "token" { env = "A" }
secret "token" { env = "B" }`,
		`secret "token"   { env = "A" }
secret "token_b" { env = "B" }`},
	{MissingAttribute, Error, "Missing attribute",
		"The block cannot work without this attribute. An attribute that is null counts as missing.",
		`file "orders" {}`,
		`file "orders" {
  pattern = "orders-{yyyy}{MM}{dd}.csv"
}`},
	{RepeatedBlock, Error, "Block given twice",
		"This type of block may stand here once only. Merge the two.",
		`courier "orders" {
  ready { stable_for = "30s" }
  ready { done_marker = "{file}.done" }
}`,
		`courier "orders" {
  ready {
    stable_for  = "30s"
    done_marker = "{file}.done"
  }
}`},
	{InvalidName, Error, "Invalid name",
		"A name starts with a letter or an underscore and goes on with letters, digits, underscores and dashes. Names stand in references and in folder names.",
		`courier "daily orders" {}`,
		`courier "daily_orders" {
  # …
}`},
	{OneLineBlock, Error, "One-line block with more than one attribute",
		"HCL allows one attribute in a block that is written on one line. With more, each stands on its own line.",
		`retry { attempts = 3, backoff = "1m" }`,
		`retry {
  attempts = 3
  backoff  = "1m"
}`},
	{UnknownReference, Error, "Unknown reference",
		"Nothing in the workspace has this name. The message names the nearest one.",
		`processes = [process.stich]`,
		`processes = [process.stitch]`},
	{WrongReference, Error, "Reference of the wrong kind",
		"The attribute takes references to another kind of block than the one that is named here.",
		`processes = [activation.campaign.winback]`,
		`activations = [activation.campaign.winback]`},
	{QuotedReference, Error, "Reference in quotes",
		"References are written without quotes, so that they can be checked.",
		`couriers = ["courier.orders"]`,
		`couriers = [courier.orders]`},
	{ReferenceCycle, Error, "Cycle",
		"Each of these waits for, or is made from, the next, and the last again from the first. The message shows the place of every step; take one of them out.",
		`locals {
  a = local.b
  b = local.a
}`,
		`locals {
  a = local.b
  b = 1
}`},
	{UnknownFunction, Error, "Unknown function",
		"There is no function of this name. The message names the nearest one.",
		`description = uper("daily")`,
		`description = upper("daily")`},
	{BadExpression, Error, "Expression that cannot be worked out",
		"The expression is well formed, but has no value: an operator or a function got something that it cannot take.",
		`description = "${["a", "b"]}"`,
		`description = join(", ", ["a", "b"])`},
	{WrongType, Error, "Value of the wrong type",
		"The attribute takes another type of value. The message names both.",
		`past_day_only = "often"`,
		`past_day_only = true`},
	{UnknownWord, Error, "Word that is not one of the choices",
		"The attribute takes one of a few words. The message names the nearest, and lists all.",
		`run_type = "fully"`,
		`run_type = "full"`},
	{BadDuration, Error, "Not a duration",
		"A duration is whole numbers with units, from large to small: w, d, h, m, s. It is never negative, and at most ten years.",
		`timeout = "90"`,
		`timeout = "90m"`},
	{BadUnits, Error, "Wrong units of a wait or an offset",
		"A wait takes days, hours, minutes and seconds; an offset also months and weeks. The numbers are whole and not negative. A block without any is an error, because it would replace an outer one without saying by what: write hours = 0 for none.",
		`wait {}`,
		`wait { hours = 0 }`},
	{BadValue, Error, "Value that makes no sense here",
		"The type is right, but not the value. The message says what is accepted.",
		`start_from = "yesterday"`,
		`start_from = "2026-12-01T00:00:00Z"`},
	{MissingVariable, Error, "Variable without a value",
		"The variable has no default, so it must be given a value: by --var, by waybill.hclvars or another file of variables, or by the environment variable WAYBILL_VAR_ and its name.",
		`variable "env" { type = string }`,
		`variable "env" {
  type    = string
  default = "dev"
}`},
	{BadVariable, Error, "Wrong value for a variable",
		"The value given from outside, or the default, does not fit the type of the variable, or there is no such variable or no such file of variables; or the type or a rule of the variable is not well written.",
		`variable "workers" {
  type    = number
  default = "many"
}`,
		`variable "workers" {
  type    = number
  default = 4
}`},
	{MisplacedRuntime, Error, "Run-time value where there is none",
		"run.* and range.* are known only when a run uses them, so they stand in exec, http, sql, rest_api and warehouse alone; range.* in couriers; response.* in poll; run.landing in processes and activations.",
		`description = "run ${run.id}"`,
		`exec { command = ["./send.sh", run.id] }`},
	{UnknownRuntime, Error, "Unknown run-time value",
		"There are run.id, run.group, run.scheduled_at, run.started_at, run.range_start, run.range_end, run.dates and run.landing, in couriers range.start and range.end, and in poll response.json, response.status, response.body and response.headers.",
		`exec { command = ["./send.sh", run.date] }`,
		`exec { command = ["./send.sh", run.dates] }`},
	{MisplacedSecret, Error, "Secret where it would be seen",
		"Secrets may stand in headers, bodies, URLs, environment and credentials. Arguments of a program can be read by everybody on the machine, and the rest is stored and shown.",
		`exec { command = ["./send.sh", secret.token] }`,
		`exec {
  command     = ["./send.sh"]
  environment = { TOKEN = secret.token }
}`},
	{ComputedRuntime, Error, "Run-time value in a computation",
		"A run-time value can be put into text as it is. formatdate is the one function that takes one, and only run-time values that are times.",
		`exec { command = ["./send.sh", upper(run.id)] }`,
		`exec { command = ["./send.sh", formatdate("YYYY-MM-DD", range.start)] }`},
	{QuotedParameter, Error, "Run-time value inside quotes of SQL",
		"In SQL a run-time value is a bind parameter: it is sent beside the statement, not pasted into it. Inside quotes it would be plain text. Leave the quotes out.",
		`query = "select * from t where day >= '${range.start}'"`,
		`query = "select * from t where day >= ${range.start}"`},
	{SensitiveValue, Error, "Sensitive variable in the graph",
		"The graph is stored, shown in plans and kept. A variable marked sensitive must not reach it. A secret is looked up at run time and never stored.",
		`bearer_token = var.token`,
		`bearer_token = secret.token`},
	{NotYet, Error, "Not there yet",
		"The construct is known, but this release does not have it. The message says what to write instead.",
		`module "feeds" {
  source = "./feeds"
}`,
		`courier "orders" {
  # …
}`},
	{BadCondition, Error, "Condition that a poll cannot test",
		"A condition compares parts of response with == != < <= > >= or contains(list, value), joined by && || and !.",
		`done = upper(response.json.state) == "DONE"`,
		`done = response.json.state == "DONE"`},
	{EmptyWorkspace, Error, "No workspace here",
		"A workspace is a directory with .hcl or .hcl.json files; sub-directories are not read.",
		`# an empty directory`,
		`# waybill init writes a first workspace`},
	{VersionNotMet, Error, "Another release is required",
		"The workspace says which releases of Waybill it was written for, and this is none of them.",
		`waybill {
  required_version = ">= 99.0"
}`,
		`waybill {
  required_version = ">= 0.1"
}`},
	{UnusedName, Warning, "Variable, local value or secret that nothing uses",
		"It is often a spelling mistake elsewhere. Remove it, or use it.",
		`locals {
  partner_hours = 2
}`,
		`locals {
  partner_hours = 2
}

courier_group "daily" {
  courier "partner" {
    wait { hours = local.partner_hours }
  }
}`},
	{BadSize, Error, "Not a size",
		"A size is a whole number with one unit, in quotes and without a space: B for bytes, kB, MB, GB and TB for thousands, KiB, MiB, GiB and TiB for 1024s.",
		`min_size = "1.5MB"`,
		`min_size = "1500kB"`},
	{OpenSecret, Warning, "Secret in plain text",
		"A password, a key or a token that is written out is known to whoever reads the workspace, its history, a plan or the store. A secret is found at run time, in the environment, a file or by a program, and is never shown.",
		`bearer_token = "9f2c41aa"`,
		`secret "crm" { env = "CRM_TOKEN" }

bearer_token = secret.crm`},
	{UnknownInput, Warning, "Value for no variable",
		"A file of variables gives a value to a variable that the workspace does not declare, or an object has an attribute that the type of its variable does not have, or the environment has a WAYBILL_VAR_ whose name is near that of a variable without a value. It is often a spelling mistake; the value has no effect.",
		`# waybill.hclvars
evn = "prod"`,
		`# waybill.hclvars
env = "prod"`},
	{RefusedValue, Error, "Value that a rule refuses",
		"A validation of the variable is not true of its value. The message says what is accepted; the place is that of the value, and the rule is shown with it.",
		`variable "env" {
  default = "live"
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "env is dev or prod."
  }
}`,
		`variable "env" {
  default = "prod"
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "env is dev or prod."
  }
}`},
	{BadForEach, Error, "for_each that cannot be gone through",
		"for_each takes a map or a set of texts whose keys are known before anything runs. The keys become part of addresses, so a list, whose members move when one is taken out, will not do. One block has at most 100,000 instances, and a workspace 1,000,000.",
		`courier "orders" {
  for_each = ["us", "eu"]
  filedrop { url = "drop/${each.key}" }
}`,
		`courier "orders" {
  for_each = toset(["us", "eu"])
  filedrop { url = "drop/${each.key}" }
}`},
	{KeylessReference, Error, "Instance without its key",
		"A block with for_each is one block for each key. A reference names one of them by its key; values(courier.orders) is the list of all. In after, the bare name means all groups.",
		`couriers = [courier.orders]`,
		`couriers = [courier.orders["us"], courier.orders["eu"]]`},
	{MovedAddress, Error, "Moved block without an address",
		"A moved block says that what had one address has another now. Both are addresses as they stand, of blocks of one type: a courier_group, courier, bridge, process, activation or alert, an instance of one with its key, or a courier of a group, courier_group.NAME.courier.NAME.",
		`moved {
  from = "courier_group.nightly"
  to   = courier_group.daily
}`,
		`moved {
  from = courier_group.nightly
  to   = courier_group.daily
}`},
	{MovedFromThere, Error, "Moved from a block that is there",
		"The workspace still has a block with the former address, so it is not that block which has another address now. Remove the old block, or the moved block.",
		`moved {
  from = courier_group.daily    # which the workspace has
  to   = courier_group.orders
}`,
		`moved {
  from = courier_group.nightly
  to   = courier_group.orders
}`},
	{MovedToNowhere, Error, "Moved to a block that is not there",
		"The history of the former block would be kept for a block that does not exist. A block that is no longer wanted is removed, without a moved block.",
		`moved {
  from = courier_group.nightly
  to   = courier_group.dayly
}`,
		`moved {
  from = courier_group.nightly
  to   = courier_group.daily
}`},
	{MovedTwice, Error, "Two blocks that become one, or one that becomes two",
		"A block's history and its watermarks go to one block. Keep the moved block of the one that goes on; the other is removed, or is new.",
		`moved {
  from = courier_group.nightly
  to   = courier_group.daily
}

moved {
  from = courier_group.weekly
  to   = courier_group.daily
}`,
		`moved {
  from = courier_group.nightly
  to   = courier_group.daily
}`},
	{MovedCycle, Error, "Moved in a circle",
		"Following the moved blocks leads back to where it began, so there is no present address. A chain from the oldest address to the present one is fine.",
		`moved {
  from = courier_group.a
  to   = courier_group.b
}

moved {
  from = courier_group.b
  to   = courier_group.a
}`,
		`moved {
  from = courier_group.a
  to   = courier_group.b
}

moved {
  from = courier_group.b
  to   = courier_group.daily
}`},
	{TooMuch, Error, "Too much to work out",
		"The expressions of a workspace are worked out within bounds: 10 million steps in all, and 200 more for each block that for_each makes; 16 MB of text and 2,000,000 elements in one value, nested 250 deep; 1,000,000 blocks made by for_each and dynamic. An expression passed one of them. It is often a local value that holds another twice, again and again, or a for expression within another over long lists.",
		`locals {
  minutes = [for a in range(1000) : [for b in range(1000) : [for c in range(60) : "${a}:${b}:${c}"]]]
}`,
		`locals {
  minutes = [for h in range(24) : [for m in range(60) : "${h}:${m}"]]
}`},
	{HugeNumber, Error, "Number out of bounds",
		"The number is so large, or so near to 0, that it takes long to write out: numbers lie between 1e-1200 and 1e1200. It is often a word that looks like a number, such as the abbreviated name of a version; words stand in quotes.",
		`locals {
  revision = 1e9999999
}`,
		`locals {
  revision = "1e9999999"
}`},
	{NotText, Error, "File that is not text",
		"A file of the workspace is text in UTF-8. This one holds bytes that are none: it was saved in another encoding, such as Latin-1 or UTF-16, or it is no text at all. Save it as UTF-8, without NUL bytes.",
		`# main.hcl, saved as UTF-16`,
		`# main.hcl, saved as UTF-8`},
	{LargeFile, Error, "File that is too large",
		"A file of the workspace has at most 16 MB, and all of them together 256 MB. Data does not belong into the configuration: couriers land it. Much configuration is divided into several workspaces, or made by for_each.",
		`# main.hcl, of 50 MB`,
		`# main.hcl, of 50 kB`},
	{NotAFile, Error, "Not a file that can be read",
		"A name that ends in .hcl, .hcl.json or .hclvars belongs to a directory, a pipe, a device, or a link that leads nowhere. Rename it or take it away.",
		`# main.hcl, a link to a file that was removed`,
		`# main.hcl, a file`},
	{OtherEnding, Warning, "File that is not read for its name",
		"The files of a workspace have names that end in .hcl or .hcl.json, in small letters. This one seems to be meant for one, and nothing of it counts: its ending is in capitals, or an editor has put .txt behind it. Rename it, or move it to another directory.",
		`# orders.HCL`,
		`# orders.hcl`},
}
