package lang

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// later are constructs that people know from elsewhere, and what to write in
// this release.
var later = map[string]string{
	"for_each":     "for_each repeats couriers, groups, bridges, processes, activations and alerts. A block inside of another is repeated by dynamic.",
	"dynamic":      "dynamic repeats blocks inside of another. Top-level blocks are repeated by for_each.",
	"count":        "There is no count, because a change of the number would rename the blocks after it. Write for_each = toset([\"a\", \"b\"]), and for a block that is there or not for_each = var.on ? toset([\"one\"]) : toset([]).",
	"depends_on":   "Order is written as after = [process.NAME], and between groups as after \"NAME\" { group = courier_group.NAME }.",
	"module":       "There are no modules in this release. Put the blocks into the same directory.",
	"output":       "There are no outputs. \"waybill plan --json\" has everything.",
	"policy":       "policy is not in this release. Check the output of \"waybill plan --json\".",
	"removed":      "removed is not needed: remove the block and apply.",
	"import":       "There is nothing to import.",
	"lifecycle":    "There is no lifecycle. A group that is not to run has active = false.",
	"provider":     "There are no providers: sources and actions are built in.",
	"resource":     "There are no resources. What is pulled is a courier, what runs together a courier_group.",
	"data":         "There are no data sources. What is pulled is a courier.",
	"terraform":    "Settings stand in waybill { … }.",
	"workflow":     "What runs together is a courier_group.",
	"precondition": "precondition is not in this release. Leave it out.",
}

// synonyms are names that people try first.
var synonyms = map[string]string{
	"cron": "schedule", "expression": "schedule", "time_zone": "timezone", "tz": "timezone", "zone": "timezone",
	"enabled": "active", "catchup": "catch_up", "overlap_policy": "overlap", "depends_on": "after",
	"retries": "attempts", "interval": "every", "complete_by": "complete_within", "finish_within": "complete_within",

	"connection_string": "dsn", "connection": "dsn", "url": "dsn", "uri": "url", "sql": "query",
	"token": "bearer_token", "bandwidth": "max_bandwidth", "compression": "decompress",

	"cmd": "command", "env": "environment", "cwd": "working_dir", "chdir": "working_dir", "dir": "working_dir",
	"directory": "working_dir", "folder": "working_dir", "workdir": "working_dir", "working_directory": "working_dir",
	"working_folder": "working_dir",

	"hrs": "hours", "hr": "hours", "h": "hours", "mins": "minutes", "m": "minutes", "secs": "seconds", "s": "seconds",
	"d": "days", "w": "weeks",
}

// elsewhere are the top-level blocks of other tools, and what to write here.
var elsewhere = map[string]string{
	"group": together, "dag": together, "pipeline": together, "job": together, "flow": together, "schedule": together,
	"source": "What is pulled is a courier.", "feed": "What is pulled is a courier.", "sensor": "What is waited for and pulled is a courier, with its wait.",
	"task": follows, "step": follows, "script": follows,
}

const (
	together = "What runs together, on a schedule, is a courier_group."
	follows  = "What works on the data that has landed is a process."
)

// sources are kinds of sources as they are called elsewhere, and how one is
// written here.
var sources = map[string]string{
	"s3": `filedrop { url = "s3://BUCKET/FOLDER" }`, "gcs": `filedrop { url = "gs://BUCKET/FOLDER" }`, "gs": `filedrop { url = "gs://BUCKET/FOLDER" }`,
	"azure": azureSource, "azblob": azureSource,
	"sftp": `filedrop { url = "sftp://HOST/FOLDER" }`, "folder": `filedrop { url = "FOLDER" }`, "local": `filedrop { url = "FOLDER" }`,
	"http": `rest_api { … }`, "https": `rest_api { … }`, "api": `rest_api { … }`, "command": `exec { command = ["PROGRAM"] }`, "script": `exec { command = ["PROGRAM"] }`,
	"ssh": `filedrop { url = "sftp://HOST/FOLDER" }`, "scp": `filedrop { url = "sftp://HOST/FOLDER" }`, "s3a": `filedrop { url = "s3://BUCKET/FOLDER" }`,
	"az": azureSource, "wasb": azureSource, "wasbs": azureSource, "abfs": azureSource, "abfss": azureSource,
	"postgres": `warehouse { … }`, "postgresql": `warehouse { … }`, "sqlite": `warehouse { … }`,
	"sql": `warehouse { … }`, "database": `warehouse { … }`, "query": `warehouse { … }`,
}

const azureSource = `filedrop { url = "azblob://CONTAINER/FOLDER?account=NAME" }`

// noWait is why a wait does not take a unit that an offset takes.
var noWait = map[string]string{
	"months": "A wait is elapsed time, and months differ in length",
	"weeks":  "A wait has no weeks; one week is days = 7",
}

func (d *decoder) unknownBlock(parent *object, b *hclsyntax.Block) {
	at := place(b.DefRange())
	if why, ok := later[b.Type]; ok && parent.schema.attribute(b.Type) == nil {
		d.report.add(diag.NotYet, at, "No block "+b.Type, "%s", why)
		return
	}
	attrs, blocks := parent.schema.names(parent.label0())
	if parent.schema.attribute(b.Type) != nil {
		parent.meant = append(parent.meant, b.Type)
		d.report.add(diag.UnknownBlock, at, "Attribute written as a block", "%s is an attribute: write %s = ….", b.Type, b.Type)
		return
	}
	names := append(blocks, attrs...)
	near := diag.Suggest(b.Type, names)
	parent.meant = append(parent.meant, near)
	parent.foreign = parent.foreign || near == ""
	if labelCount[near] == len(b.Labels) && len(b.Labels) > 0 { // in a group it names a block
		d.scope.used[string(graph.NewAddr(near, b.Labels...))] = true
	}
	hint := didYouMean(b.Type, "", names)
	switch inside := parent.schema.Type; {
	case hint != "":
	case parent.kind == "" && elsewhere[b.Type] != "":
		hint = " " + elsewhere[b.Type]
	case parent.schema == &courierSchema && sources[b.Type] != "":
		hint = fmt.Sprintf(" Write %s.", sources[b.Type])
	case homes(parent, b.Type, true) != "":
		hint = fmt.Sprintf(" It belongs in %s.", homes(parent, b.Type, true))
	case len(blocks) > 0:
		hint = fmt.Sprintf(" There can be: %s.", strings.Join(blocks, ", "))
	case inside != "":
		hint = fmt.Sprintf(" %s holds no blocks.", inside)
	}
	d.report.add(diag.UnknownBlock, at, "Unknown block "+b.Type, "No block %s can stand %s.%s", b.Type, within(parent), hint)
}

func (d *decoder) unknownAttribute(o *object, a *hclsyntax.Attribute) {
	at := place(a.NameRange)
	d.scope.mention(a.Expr)
	attrs, blocks := o.schema.names(o.label0())
	why, isLater := later[a.Name]
	synonym := synonyms[a.Name]
	switch {
	case (o.schema == &waitSchema || o.schema == &offsetSchema) && offsetSchema.attribute(a.Name) != nil:
		d.report.add(diag.BadUnits, at, "Wrong unit of a wait", "%s. Write it in %s.", noWait[a.Name], orList(unitNames(&waitSchema)))
		return
	case o.schema.block(a.Name) != nil:
		o.meant = append(o.meant, a.Name)
		d.report.add(diag.UnknownAttribute, at, "Block written as an attribute", "%s is a block: write %s, without the equals sign.", a.Name, asBlock(a))
		return
	case isLater && (synonym == "" || o.schema.attribute(synonym) == nil):
		d.report.add(diag.NotYet, at, "No attribute "+a.Name, "%s", why)
		return
	}
	names := append(attrs, blocks...)
	o.meant = append(o.meant, synonym, diag.Suggest(a.Name, names))
	hint := didYouMean(a.Name, "", names)
	switch {
	case o.schema == &secretSchema && hint == "":
		hint = " A secret is not written into a workspace: env, file or exec says where it is found."
	case synonym != "" && o.schema.attribute(synonym) != nil:
		hint = fmt.Sprintf(" It is called %s.", synonym)
	case hint != "":
	case o.schema.attribute(a.Name) != nil: // of the same type with another first label
		hint = fmt.Sprintf(" Only %s %q has it.", o.schema.Type, o.schema.attribute(a.Name).Only[0])
	case homes(o, a.Name, false) != "":
		hint = fmt.Sprintf(" It belongs in %s.", homes(o, a.Name, false))
	case len(attrs) > 0 && len(attrs) <= 30:
		hint = fmt.Sprintf(" It has: %s.", strings.Join(attrs, ", "))
	case len(attrs) == 0:
		hint = " It has no attributes."
	}
	d.report.add(diag.UnknownAttribute, at, "Unknown attribute "+a.Name, "%s has no attribute %s.%s", o.title(), a.Name, hint)
}

// lengthOfTime is a number and a word for its unit.
var lengthOfTime = regexp.MustCompile(`^(\d{1,6})\s*([a-zA-Z]*)$`)

// asBlock writes a block that was written as an attribute. A wait or an offset
// takes over its number.
func asBlock(a *hclsyntax.Attribute) string {
	var schema *Block
	switch a.Name {
	case waitSchema.Type:
		schema = &waitSchema
	case offsetSchema.Type:
		schema = &offsetSchema
	default:
		return a.Name + " { … }"
	}
	v, problems := a.Expr.Value(nil)
	text, ok := toText(v)
	m := lengthOfTime.FindStringSubmatch(text)
	if problems.HasErrors() || !ok || m == nil {
		return a.Name + " { hours = 2 }"
	}
	if m[2] == "" {
		return fmt.Sprintf("%s { minutes = %s }, or another unit", a.Name, m[1])
	}
	if unit := unitOf(m[2], schema); unit != "" {
		return fmt.Sprintf("%s { %s = %s }", a.Name, unit, m[1])
	}
	return a.Name + " { hours = 2 }"
}

// unitOf is the unit of a wait or an offset that a word means, or "".
func unitOf(word string, schema *Block) string {
	units, unit := unitNames(schema), strings.ToLower(word)
	if !slices.Contains(units, unit) {
		unit = cmp.Or(synonyms[unit], diag.Suggest(unit, units))
	}
	if !slices.Contains(units, unit) {
		return ""
	}
	return unit
}

func within(parent *object) string {
	if parent.schema.Type == "" {
		return "at the top of a file"
	}
	return "in " + parent.schema.Type
}

// homes names the blocks that have an attribute or block of a name, those in o
// before others; "" if there are none, or too many to help.
func homes(o *object, name string, block bool) string {
	has := func(b *Block) bool {
		return block && b.block(name) != nil || !block && b.attribute(name) != nil
	}
	var found []string
	for _, n := range o.schema.Blocks {
		if o.schema.Type != "" && has(n) {
			found = append(found, n.Type)
		}
	}
	if len(found) > 0 {
		return orList(found)
	}
	for _, top := range workspaceSchema.Blocks {
		if has(top) && (block || top != &variableSchema) {
			found = append(found, top.Type)
		}
		for _, n := range top.Blocks {
			if has(n) {
				found = append(found, n.Type+" of "+top.Type)
			}
		}
	}
	if len(found) == 0 || len(found) > 4 {
		return ""
	}
	return orList(found)
}
