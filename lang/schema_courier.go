package lang

import "github.com/waybill-dev/waybill/lang/graph"

var courierSchema = Block{
	Type: "courier", Labels: []string{"name"}, Many: true,
	Doc: "What is pulled, and from where. Exactly one source: filedrop, rest_api, warehouse or exec.",
	Attributes: []Attribute{
		forEachAttribute,
		{Name: "landing", Kind: Folder, Doc: "Folder or URL where its data is put; default: the workspace's."},
		{Name: "poll_every", Kind: Duration, Min: 1, Doc: "How often is looked while waiting; default: a 60th of the wait, at least 10s, at most 5m."},
		{Name: "timeout", Kind: Duration, Default: "6h", Min: 1, Doc: "How long pulling may take."},
		{Name: "max_concurrent", Kind: Int, Min: 1, Doc: "How many looks at this source and pulls from it may go on at once; no limit if unset."},
	},
	Blocks: []*Block{&filedropSchema, &restSchema, &warehouseSchema, &execSchema, &fileSchema, &readySchema, &retrySchema},
}

var filedropSchema = Block{
	Type: "filedrop", Doc: "A place where files appear.",
	Attributes: []Attribute{
		{Name: "url", Kind: Value, Required: true, Takes: SecretValues, Example: `"drop/orders"`, Doc: "A folder, or file:/// s3:// gs:// azblob:// sftp://."},
		{Name: "username", Kind: Value, Takes: SecretValues, Doc: "sftp: user of the server, where the url has none."},
		{Name: "password", Kind: Value, Takes: SecretValues, Private: true, Doc: "sftp: password of the user; with private_key, that of the key."},
		{Name: "private_key", Kind: Value, Takes: SecretValues, Private: true, Doc: "sftp: SSH key of the user. gs: JSON of a service account."},
		{Name: "host_key", Kind: Value, Takes: SecretValues, Doc: "sftp: the server's public key, as known_hosts has it."},
		{Name: "access_key", Kind: Value, Takes: SecretValues, Doc: "s3: access key. azblob: name of the account."},
		{Name: "secret_key", Kind: Value, Takes: SecretValues, Private: true, Doc: "s3: secret key. azblob: key of the account."},
		{Name: "role", Kind: Value, Takes: SecretValues, Doc: "s3: ARN of a role to assume."},
		bandwidthAttribute("How many bytes a second come from its host, such as \"20MB\": all couriers that pull from this host and write the same number share it; no limit if unset."),
		{Name: "parallel", Kind: Int, Min: 1, Max: 64, Doc: "How many files one courier copies at once in a run; default 4."},
	},
}

// bandwidthAttribute is a size for a second.
func bandwidthAttribute(doc string) Attribute {
	return Attribute{Name: "max_bandwidth", Kind: Size, Doc: doc}
}

// dsnAttribute is that of warehouse and sql.
var dsnAttribute = Attribute{Name: "dsn", Kind: Value, Required: true, Takes: SecretValues, Example: `secret.warehouse_dsn`, Doc: "Address of the database: postgres://…, \"host=… user=…\" or sqlite:path."}

var warehouseSchema = Block{
	Type: "warehouse", Doc: "A query against a database.",
	Attributes: []Attribute{
		dsnAttribute,
		{Name: "query", Kind: Value, Required: true, Takes: RunValues, Example: `"select * from orders where day >= ${range.start}"`, Doc: "The query; run-time values are bind parameters."},
		{Name: "format", Kind: Word, Words: []string{"csv", "jsonl"}, Default: "csv", Doc: "How the rows are written."},
		{Name: "null", Kind: Text, Doc: "What NULL is written as in CSV, without quotes; default: nothing."},
	},
}

var fileSchema = Block{
	Type: "file", Labels: []string{"name"}, Many: true, Doc: "One file, or family of files, of a filedrop.",
	Attributes: []Attribute{
		{Name: "pattern", Kind: Pattern, Required: true, Example: `"orders-{yyyy}{MM}{dd}.csv"`, Doc: "Its path below the url, with {yyyy} {MM} {dd} {HH} * and ?."},
		{Name: "days", Kind: Words, Words: weekdays, Doc: "Days for which it is expected; on others it is taken if there."},
		{Name: "except", Kind: Dates, Doc: "Dates for which it is not expected."},
		{Name: "require", Kind: Word, Words: []string{graph.RequireEach, graph.RequireAny}, Default: graph.RequireEach, Doc: "Every expected date, or at least one."},
		{Name: "optional", Kind: Bool, Default: "false", Doc: "Taken if there."},
		{Name: "decompress", Kind: Word, Words: graph.Decompressions, Doc: "What it is decompressed as on the way; \"auto\" goes by the end of its name. It lands as it is if unset."},
		{Name: "max_unpacked", Kind: Size, Doc: "The most that may come out of one; default 100GB, and 200 times its own size."},
	},
}

var readySchema = Block{
	Type: "ready", Doc: "When a file that is there is whole.",
	Attributes: []Attribute{
		{Name: "stable_for", Kind: Duration, Doc: "How long it must be unchanged; default 30s for folders and SFTP, 0s for object stores."},
		{Name: "min_size", Kind: Size, Doc: "The least it must have, such as \"1kB\": B, kB, MB, GB, TB, or KiB, MiB, GiB, TiB."},
		{Name: "done_marker", Kind: Marker, Doc: "A file that says so, \"{file}.done\" or a pattern."},
		{Name: "manifest", Kind: Marker, Doc: "A file that lists it with its checksum, \"{file}.sha256\" or a pattern."},
	},
}

var retrySchema = Block{
	Type: "retry", Doc: "How often, and how patiently, a failed step is tried again.",
	Attributes: []Attribute{
		{Name: "attempts", Kind: Int, Default: "3", Min: 1, Max: 100, Doc: "How often in all."},
		{Name: "backoff", Kind: Duration, Default: "10s", Doc: "Pause before the second attempt; it doubles with each."},
		{Name: "max_backoff", Kind: Duration, Default: "5m", Doc: "The longest pause."},
	},
}

var basicAuthSchema = Block{
	Type: "basic_auth", Doc: "A user name with a password.",
	Attributes: []Attribute{
		{Name: "username", Kind: Value, Required: true, Takes: SecretValues, Example: `"waybill"`, Doc: "User."},
		{Name: "password", Kind: Value, Required: true, Takes: SecretValues, Private: true, Example: `secret.crm_password`, Doc: "Password."},
	},
}

// requestAttributes are those of http and rest_api.
func requestAttributes(method string) []Attribute {
	const all = RunValues | SecretValues
	return []Attribute{
		{Name: "method", Kind: Word, Words: []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}, Default: method, Doc: "Method of the request."},
		{Name: "url", Kind: Value, Required: true, Takes: all, Example: `"https://example.com/export"`, Doc: "The URL; run-time values are percent-encoded."},
		{Name: "headers", Kind: ValueMap, Takes: all, Doc: "Headers of the request."},
		{Name: "body", Kind: Value, Takes: all, Doc: "Text to send."},
		{Name: "json", Kind: JSON, Takes: all, Doc: "Value to send as JSON."},
		{Name: "bearer_token", Kind: Value, Takes: SecretValues, Private: true, Doc: "Token for the Authorization header."},
		{Name: "expect_status", Kind: Ints, Min: 100, Max: 599, Doc: "Statuses that count as success; default 200 to 299."},
	}
}
