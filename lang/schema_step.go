package lang

import "github.com/waybill-dev/waybill/lang/graph"

var (
	timeoutAttribute = Attribute{Name: "timeout", Kind: Duration, Default: "6h", Min: 1, Doc: "How long an attempt may take; with poll, from its start to the end of the job."}
	actions          = []*Block{&execSchema, &httpSchema, &sqlSchema, &retrySchema}
)

func onUnknownAttribute(def string) Attribute {
	return Attribute{Name: "on_unknown", Kind: Word, Words: []string{graph.OnUnknownRetry, graph.OnUnknownHold}, Default: def,
		Doc: "What happens when the answer to a request was lost in a crash: try again, or ask the operator."}
}

var bridgeSchema = Block{
	Type: "bridge", Labels: []string{"name"}, Many: true, Doc: "A share of data with another system; it starts with the couriers.",
	Attributes: []Attribute{
		forEachAttribute,
		{Name: "direction", Kind: Word, Words: []string{"inbound", "outbound"}, Default: "inbound", Doc: "Which way data goes; a group runs inbound ones only."},
		onUnknownAttribute(graph.OnUnknownRetry), timeoutAttribute,
	},
	Blocks: actions,
}

var processSchema = Block{
	Type: "process", Labels: []string{"name"}, Many: true, Doc: "Work on what has landed; it starts when every courier of the run is done.",
	Attributes: []Attribute{
		forEachAttribute,
		{Name: "after", Kind: Refs, Refs: []string{graph.KindProcess}, Doc: "Processes that come first."},
		onUnknownAttribute(graph.OnUnknownRetry), timeoutAttribute,
	},
	Blocks: actions,
}

var activationSchema = Block{
	Type: "activation", Labels: []string{"type", "name"}, Words: []string{"orchestration", "campaign", "profile_api"}, Many: true,
	Doc: "A use of the result; it starts when every process of the run has succeeded.",
	Attributes: []Attribute{
		forEachAttribute,
		{Name: "after", Kind: Refs, Refs: []string{graph.KindActivation}, Doc: "Activations that come first."},
		{Name: "require_complete", Kind: Bool, Default: "false", Doc: "Not in a run with warnings."},
		onUnknownAttribute(graph.OnUnknownHold), timeoutAttribute,
	},
	Blocks: actions,
}

var execSchema = Block{
	Type: "exec", Doc: "A program, never run through a shell.",
	Attributes: []Attribute{
		{Name: "command", Kind: Values, Required: true, Takes: RunValues, Example: `["./stitch.sh", run.landing]`, Doc: "The program and its arguments; secrets stand in environment."},
		{Name: "environment", Kind: ValueMap, Takes: RunValues | SecretValues, Doc: "Environment variables."},
		workingDirAttribute,
	},
	Blocks: []*Block{&limitsSchema},
}

// workingDirAttribute takes folders of this computer only.
var workingDirAttribute = Attribute{Name: "working_dir", Kind: Folder, Doc: "Folder that it works in, relative to the workspace or from /; default: the workspace."}

var limitsSchema = Block{
	Type: "limits", Doc: "What the program and each process that it starts may take, every one by itself; on Linux.",
	Attributes: []Attribute{
		{Name: "memory", Kind: Size, Doc: "Of data, such as \"2GiB\": heap and private memory, not code and files. A program that asks for more is refused it."},
		{Name: "cpu_time", Kind: Duration, Min: 1, Doc: "Of a processor, such as \"30m\"; then the process is killed."},
		{Name: "open_files", Kind: Int, Min: 16, Max: 1 << 20, Doc: "Files and connections open at once."},
	},
}

var httpSchema = Block{
	Type: "http", Doc: "A request.",
	Attributes: requestAttributes("POST"),
	Blocks:     []*Block{&basicAuthSchema, &pollSchema},
}

var pollSchema = Block{
	Type: "poll", Doc: "Asks for the state of the job that the request started, until it is done.",
	Attributes: []Attribute{
		{Name: "url", Kind: Value, Required: true, Takes: RunValues | SecretValues | ResponseValues, Example: `"https://lake.example.com/jobs/${response.json.job_id}"`, Doc: "URL of the job."},
		{Name: "every", Kind: Duration, Default: "30s", Min: 1, Doc: "How often."},
		{Name: "done", Kind: Condition, Required: true, Takes: RunValues | ResponseValues, Example: `response.json.state != "RUNNING"`, Doc: "When the job is over."},
		{Name: "success", Kind: Condition, Required: true, Takes: RunValues | ResponseValues, Example: `response.json.state == "DONE"`, Doc: "When it has succeeded."},
	},
}

var sqlSchema = Block{
	Type: "sql", Doc: "Statements, run in one transaction.",
	Attributes: []Attribute{
		dsnAttribute,
		{Name: "statements", Kind: Values, Required: true, Takes: RunValues, Example: `["refresh materialized view customer360"]`, Doc: "The statements; run-time values are bind parameters."},
	},
}
