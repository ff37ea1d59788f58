package lang

import "github.com/waybill-dev/waybill/lang/graph"

var waybillSchema = Block{
	Type: "waybill", Doc: "Settings of the workspace.",
	Attributes: []Attribute{
		{Name: "required_version", Kind: Version, Doc: "The releases of Waybill that may read this workspace."},
		{Name: "landing", Kind: Folder, Default: "landing", Doc: "Folder or URL where pulled data is put; default of all couriers."},
		{Name: "max_concurrent", Kind: Int, Min: 1, Doc: "How many tasks of all groups may be worked on at once; no limit if unset."},
		{Name: "max_per_host", Kind: Int, Min: 1, Doc: "How many looks at one host of sources and pulls from it may go on at once; no limit if unset."},
		bandwidthAttribute("How many bytes a second all couriers together copy from filedrops, pull from APIs and query from warehouses, such as \"50MB\"; no limit if unset."),
	},
	Blocks: []*Block{&runtimeSchema, &workspaceDefaultsSchema, &heartbeatSchema},
}

var runtimeSchema = Block{
	Type: "runtime", Doc: "Where the workspace is applied and run.",
	Attributes: []Attribute{
		{Name: "path", Kind: Folder, Default: ".waybill", Doc: "Folder of the local store."},
		{Name: "url", Kind: Text, Doc: "URL of a server (waybill serve --listen); unset: the local store."},
		{Name: "token", Kind: Value, Takes: SecretValues, Private: true, Doc: "Token for the server, a secret; unset: the variable WAYBILL_TOKEN."},
	},
}

var heartbeatSchema = Block{
	Type: "heartbeat", Doc: "A URL that the runtime calls while it lives.",
	Attributes: []Attribute{
		{Name: "url", Kind: Value, Required: true, Takes: SecretValues, Example: `"https://hc.example.com/ping/waybill"`, Doc: "The URL that is called."},
		{Name: "every", Kind: Duration, Default: "5m", Min: 10, Doc: "How often it is called."},
	},
}

var workspaceDefaultsSchema = Block{
	Type: "defaults", Doc: "Defaults of all groups; what a group or its own defaults write goes before.",
	Attributes: append([]Attribute{
		timezoneAttribute, fileDatesAttribute, overlapAttribute, catchUpAttribute, alertsAttribute,
	}, memberDefaults...),
	Blocks: []*Block{&dstSchema, &waitSchema, &offsetSchema},
}

var variableSchema = Block{
	Type: "variable", Labels: []string{"name"}, Many: true, Doc: "A value given from outside.",
	Attributes: []Attribute{
		{Name: "type", Kind: Type, Doc: "string, number, bool, list(string), set(string), map(string), object({ … }), tuple([ … ]) or any."},
		{Name: "default", Kind: Any, Doc: "Value where none is given; without it, one must be."},
		descriptionAttribute,
		{Name: "sensitive", Kind: Bool, Default: "false", Doc: "The value may not get into what is applied, and is never printed."},
		{Name: "nullable", Kind: Bool, Default: "true", Doc: "Whether null is a value; if not, null stands for the default."},
	},
	Blocks: []*Block{&validationSchema},
}

var validationSchema = Block{
	Type: "validation", Many: true, Doc: "A rule for the value of a variable.",
	Attributes: []Attribute{
		{Name: "condition", Kind: Any, Required: true, Example: `contains(["dev", "prod"], var.env)`, Doc: "What is true of a good value; it names the variable and calls functions, and nothing else."},
		{Name: "error_message", Kind: Text, Required: true, Example: `"env is dev or prod."`, Doc: "What is said of a value that is not good."},
	},
}

var localsSchema = Block{
	Type: "locals", Many: true, Doc: "Names for values, in any order.",
}

var movedSchema = Block{
	Type: "moved", Many: true,
	Doc: "A block that has another address now and is still the same: its history, its watermarks and its pause stay with it. It may be removed once it was applied everywhere.",
	Attributes: []Attribute{
		{Name: "from", Kind: Ref, Refs: movedKinds, Required: true, Example: `courier_group.daily`, Doc: "The address it had. Nothing has it any more."},
		{Name: "to", Kind: Ref, Refs: movedKinds, Required: true, Example: `courier_group.orders`, Doc: "The address it has now. A courier of a group is courier_group.NAME.courier.NAME."},
	},
}

var secretSchema = Block{
	Type: "secret", Labels: []string{"name"}, Many: true,
	Doc: "Where a secret value is found at run time. It is never in plan, store or log.",
	Attributes: []Attribute{
		{Name: "env", Kind: Text, Doc: "Name of an environment variable of the runtime."},
		{Name: "file", Kind: Text, Doc: "File that holds it; one line end at its end does not count."},
	},
	Blocks: []*Block{&secretExecSchema},
}

var secretExecSchema = Block{
	Type: "exec", Doc: "A program that is asked for it, never through a shell. It runs in the workspace, when a run needs the secret.",
	Attributes: []Attribute{
		{Name: "command", Kind: Strings, Required: true, Example: `["vault", "kv", "get", "-field=token", "secret/lake"]`, Doc: "Program and arguments."},
		{Name: "environment", Kind: ValueMap, Doc: "Environment variables of the program."},
		{Name: "output", Kind: Word, Words: []string{graph.OutputFirstLine, graph.OutputAll}, Default: graph.OutputFirstLine,
			Doc: "What of its standard output is the secret: the first line, without the space around it, or all, as of a key; one line end at the end does not count."},
		{Name: "ttl", Kind: Duration, Default: "5m", Max: 86400, Doc: "How long the answer is remembered, in memory only; 0s: it is asked at each use."},
		{Name: "timeout", Kind: Duration, Default: "30s", Min: 1, Max: 600, Doc: "How long it may take to answer."},
	},
}

var alertSchema = Block{
	Type: "alert", Labels: []string{"type", "name"}, Words: []string{"slack", "email", "webhook"}, Many: true,
	Doc: "A place that is told of events.",
	Attributes: []Attribute{
		forEachAttribute,
		{Name: "on", Kind: Words, Words: events, Required: true, Example: `["failed", "missing"]`, Doc: "The events."},
		{Name: "webhook", Kind: Value, Takes: SecretValues, Required: true, Only: []string{"slack", "webhook"}, Example: `secret.slack_hook`, Doc: "The URL that gets the event."},
		{Name: "signing_key", Kind: Value, Takes: SecretValues, Private: true, Only: []string{"webhook"}, Doc: "Signs each message, so that the receiver knows it is yours."},
		{Name: "smtp", Kind: Value, Takes: SecretValues, Required: true, Only: []string{"email"}, Example: `"smtp://mail.example.com:587"`, Doc: "The mail server: smtp:// with STARTTLS, smtps:// with TLS from the first byte."},
		{Name: "from", Kind: Text, Required: true, Only: []string{"email"}, Example: `"waybill@example.com"`, Doc: "The sender."},
		{Name: "to", Kind: Strings, Required: true, Only: []string{"email"}, Example: `["data@example.com"]`, Doc: "The recipients."},
		{Name: "username", Kind: Value, Takes: SecretValues, Only: []string{"email"}, Doc: "User of the mail server."},
		{Name: "password", Kind: Value, Takes: SecretValues, Private: true, Only: []string{"email"}, Doc: "Password of the mail server."},
	},
	Blocks: []*Block{&quietSchema},
}

var quietSchema = Block{
	Type: "quiet", Doc: "Hours in which alerts are held back.",
	Attributes: []Attribute{
		{Name: "from", Kind: Clock, Required: true, Example: `"20:00"`, Doc: "Local time at which it begins, \"20:00\"."},
		{Name: "until", Kind: Clock, Required: true, Example: `"07:00"`, Doc: "Local time at which it ends, \"07:00\"."},
		{Name: "timezone", Kind: Zone, Default: "UTC", Doc: "Zone of these times."},
		{Name: "except", Kind: Words, Words: events, Doc: "Events that are sent all the same."},
	},
}
