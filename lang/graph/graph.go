// Package graph holds the plain data that Waybill's phases hand to each other:
// the compiled [Graph] of a workspace, the [Deployment] that a runtime has
// applied, and what a runtime says of itself when asked for a plan ([Standing])
// or for that of one run ([Facts]).
//
// A Graph is immutable once built, has no absolute path and no clock in it, and
// every list in it is sorted, so that the same workspace gives the same bytes
// whatever its files are called and however they are formatted. Nothing in it
// is secret: secrets are references.
package graph

import "time"

// FormatVersion is the version of the JSON form. A reader refuses a newer one.
const FormatVersion = 1

// Graph is a workspace: evaluated, checked, with every default filled in.
type Graph struct {
	FormatVersion   int        `json:"format_version"`
	RequiredVersion string     `json:"required_version,omitempty"`
	Landing         string     `json:"landing"` // folder or URL; a folder is relative to the workspace
	Runtime         Runtime    `json:"runtime"`
	Heartbeat       *Heartbeat `json:"heartbeat,omitempty"`
	MaxConcurrent   int        `json:"max_concurrent,omitempty"` // tasks of all groups at once; 0: no limit
	MaxPerHost      int        `json:"max_per_host,omitempty"`   // looks at one host and pulls from it at once; 0: no limit
	MaxBandwidth    Size       `json:"max_bandwidth,omitempty"`  // bytes a second of all copies and pulls together; 0: no limit
	Secrets         []Secret   `json:"secrets,omitempty"`
	Alerts          []Alert    `json:"alerts,omitempty"`
	Couriers        []Courier  `json:"couriers,omitempty"`
	Bridges         []Step     `json:"bridges,omitempty"`
	Processes       []Step     `json:"processes,omitempty"`
	Activations     []Step     `json:"activations,omitempty"`
	Groups          []Group    `json:"groups,omitempty"`
	Moved           []Moved    `json:"moved,omitempty"` // addresses that blocks had in earlier deployments

	places map[Addr]*blockPlaces
}

// Runtime says where the workspace is applied and run.
type Runtime struct {
	Path  string `json:"path"`          // of the local store, relative to the workspace
	URL   string `json:"url,omitempty"` // of a server; empty: the local store
	Token Value  `json:"token,omitempty"`
}

// Heartbeat is a URL that the runtime calls while it lives.
type Heartbeat struct {
	URL   Value    `json:"url"`
	Every Duration `json:"every"`
}

// Secret says where a value is found at run time. Exactly one of Env, File and
// Exec is set.
type Secret struct {
	Name string      `json:"name"`
	Env  string      `json:"env,omitempty"`
	File string      `json:"file,omitempty"`
	Exec *SecretExec `json:"exec,omitempty"`
}

// SecretExec is a program that is asked for a secret, never through a shell.
type SecretExec struct {
	Command     []string          `json:"command"`
	Environment map[string]string `json:"environment,omitempty"`
	Script      string            `json:"script,omitempty"`        // as in Exec
	ScriptSHA   string            `json:"script_sha256,omitempty"` // as in Exec
	Output      string            `json:"output"`                  // first_line, all
	TTL         Duration          `json:"ttl"`                     // how long an answer is remembered; zero: not
	Timeout     Duration          `json:"timeout"`
}

// The values of SecretExec.Output: what of a program's output is the secret.
const (
	OutputFirstLine = "first_line"
	OutputAll       = "all"
)

// Alert is a place that is told of events.
type Alert struct {
	Addr       Addr     `json:"address"`
	Type       string   `json:"type"` // slack, email, webhook
	On         []string `json:"on"`
	Webhook    Value    `json:"webhook,omitempty"`     // slack, webhook: the URL
	SigningKey Value    `json:"signing_key,omitempty"` // webhook: of its signatures
	SMTP       Value    `json:"smtp,omitempty"`
	From       string   `json:"from,omitempty"`
	To         []string `json:"to,omitempty"`
	Username   Value    `json:"username,omitempty"`
	Password   Value    `json:"password,omitempty"`
	Quiet      *Quiet   `json:"quiet,omitempty"`
}

// Quiet holds alerts back between two wall-clock times of a zone.
type Quiet struct {
	From     string   `json:"from"`  // "20:00"
	Until    string   `json:"until"` // "07:00"
	Timezone string   `json:"timezone"`
	Except   []string `json:"except,omitempty"`
}

// Courier is what is pulled, and from where. Exactly one of Filedrop, RestAPI,
// Warehouse and Exec is set.
type Courier struct {
	Addr          Addr       `json:"address"`
	Filedrop      *Filedrop  `json:"filedrop,omitempty"`
	RestAPI       *RestAPI   `json:"rest_api,omitempty"`
	Warehouse     *Warehouse `json:"warehouse,omitempty"`
	Exec          *Exec      `json:"exec,omitempty"`
	IgnoresRange  bool       `json:"ignores_range,omitempty"` // rest_api: a full load each time
	Files         []File     `json:"files,omitempty"`
	Ready         Ready      `json:"ready"`
	Landing       string     `json:"landing,omitempty"` // empty: the workspace's
	PollEvery     Duration   `json:"poll_every,omitempty"`
	Timeout       Duration   `json:"timeout"`
	Retry         Retry      `json:"retry"`
	MaxConcurrent int        `json:"max_concurrent,omitempty"`
}

// Source names the courier's kind of source: filedrop, rest_api, warehouse or
// exec.
func (c *Courier) Source() string {
	switch {
	case c.Filedrop != nil:
		return "filedrop"
	case c.RestAPI != nil:
		return "rest_api"
	case c.Warehouse != nil:
		return "warehouse"
	default:
		return "exec"
	}
}

// Awaits reports whether the courier's source is one that says when its data is not
// there yet. Any API may, with a 202; one that is known to names the status.
func (c *Courier) Awaits() bool {
	return c.Filedrop != nil || c.Exec != nil || c.RestAPI != nil && len(c.RestAPI.NotReady) > 0
}

// Fetches reports whether the courier has its data made for it, by a program, an
// API or a database, in place of looking for files: it lands once a run.
func (c *Courier) Fetches() bool { return c.Filedrop == nil }

// Filedrop is a place where files appear.
type Filedrop struct {
	URL        Value `json:"url"` // a folder relative to the workspace, or file:// s3:// gs:// azblob:// sftp://
	Username   Value `json:"username,omitempty"`
	Password   Value `json:"password,omitempty"`
	PrivateKey Value `json:"private_key,omitempty"`
	HostKey    Value `json:"host_key,omitempty"`
	AccessKey  Value `json:"access_key,omitempty"`
	SecretKey  Value `json:"secret_key,omitempty"`
	Role       Value `json:"role,omitempty"`

	MaxBandwidth Size `json:"max_bandwidth,omitempty"` // bytes a second from its host, of all that write the same; 0: no limit
	Parallel     int  `json:"parallel,omitempty"`      // files of one courier and run at once
}

// Warehouse is a query against a database.
type Warehouse struct {
	DSN    Value  `json:"dsn"`
	Query  Value  `json:"query"` // run-time parts are bind parameters
	Format string `json:"format"`
	Null   string `json:"null,omitempty"` // csv: what NULL is written as
}

// File is one file (or family of files) that a courier looks for.
type File struct {
	Name          string   `json:"name"`
	Pattern       string   `json:"pattern"`
	Days          []string `json:"days,omitempty"`   // mon … sun; empty: every day
	Except        []string `json:"except,omitempty"` // dates, 2026-12-25
	Require       string   `json:"require"`          // each, any
	RequireStated bool     `json:"require_stated,omitempty"`
	Optional      bool     `json:"optional,omitempty"`
	Decompress    string   `json:"decompress,omitempty"`   // one of Decompressions; empty: it lands as it is
	MaxUnpacked   Size     `json:"max_unpacked,omitempty"` // the most that may come out of one; 0: not stated
}

// The values of File.Require.
const (
	RequireEach = "each"
	RequireAny  = "any"
)

// Ready says when a file that is there is whole.
type Ready struct {
	StableFor  Duration `json:"stable_for"`
	MinSize    Size     `json:"min_size,omitempty"`
	DoneMarker string   `json:"done_marker,omitempty"` // a pattern; {file} is the file's path
	Manifest   string   `json:"manifest,omitempty"`    // a pattern, as DoneMarker, of files that list others
}

// Retry says how often and how patiently a failed step is tried again.
type Retry struct {
	Attempts   int      `json:"attempts"`
	Backoff    Duration `json:"backoff"`     // before the second attempt; doubles with each
	MaxBackoff Duration `json:"max_backoff"` // upper limit of the doubling
}

// Step is a bridge, a process or an activation: something a group does besides
// pulling. Exactly one of Exec, HTTP and SQL is set.
type Step struct {
	Addr            Addr     `json:"address"`
	Type            string   `json:"type,omitempty"`      // activation: orchestration, campaign, profile_api
	Direction       string   `json:"direction,omitempty"` // bridge: inbound
	After           []Addr   `json:"after,omitempty"`
	RequireComplete bool     `json:"require_complete,omitempty"`
	OnUnknown       string   `json:"on_unknown"` // retry, hold
	Timeout         Duration `json:"timeout"`
	Retry           Retry    `json:"retry"`
	Exec            *Exec    `json:"exec,omitempty"`
	HTTP            *HTTP    `json:"http,omitempty"`
	SQL             *SQL     `json:"sql,omitempty"`
}

// The values of Step.OnUnknown: what happens when the answer to a request was
// lost in a crash.
const (
	OnUnknownRetry = "retry"
	OnUnknownHold  = "hold"
)

// Action names the step's kind of action: exec, http or sql.
func (s *Step) Action() string {
	switch {
	case s.Exec != nil:
		return "exec"
	case s.HTTP != nil:
		return "http"
	default:
		return "sql"
	}
}

// Exec is a program to run, never through a shell.
type Exec struct {
	Command     []Value          `json:"command"`
	Environment map[string]Value `json:"environment,omitempty"`
	Script      string           `json:"script,omitempty"`        // the program, where it is a file of the workspace
	ScriptSHA   string           `json:"script_sha256,omitempty"` // of that file when it was compiled, hex
	WorkingDir  string           `json:"working_dir,omitempty"`   // relative to the workspace, or absolute; empty: the workspace
	Limits      Limits           `json:"limits,omitzero"`
}

// Limits bound a program and each process that it starts, every one by itself; zero
// is no limit.
type Limits struct {
	Memory    Size     `json:"memory,omitempty"`
	CPUTime   Duration `json:"cpu_time,omitempty"`
	OpenFiles int      `json:"open_files,omitempty"`
}

// HTTP is a request.
type HTTP struct {
	Method       string           `json:"method"`
	URL          Value            `json:"url"` // run-time parts are percent-encoded
	Headers      map[string]Value `json:"headers,omitempty"`
	Body         Value            `json:"body,omitempty"`
	JSON         Value            `json:"json,omitempty"` // a JSON text; run-time parts stand inside strings
	BearerToken  Value            `json:"bearer_token,omitempty"`
	BasicAuth    *BasicAuth       `json:"basic_auth,omitempty"`
	ExpectStatus []int            `json:"expect_status,omitempty"` // empty: 200 to 299
	Poll         *Poll            `json:"poll,omitempty"`
}

// BasicAuth is a user name with a password.
type BasicAuth struct {
	Username Value `json:"username"`
	Password Value `json:"password"`
}

// Poll asks for the state of a job that a request started, until it is done.
type Poll struct {
	URL     Value     `json:"url"`
	Every   Duration  `json:"every"`
	Done    Condition `json:"done"`
	Success Condition `json:"success"`
}

// SQL is a list of statements run in one transaction.
type SQL struct {
	DSN        Value   `json:"dsn"`
	Statements []Value `json:"statements"` // run-time parts are bind parameters
}

// Group is a courier group: what runs together, when, and what follows.
type Group struct {
	Addr            Addr       `json:"address"`
	Description     string     `json:"description,omitempty"`
	Schedule        string     `json:"schedule,omitempty"` // empty: runs only when asked to
	Timezone        string     `json:"timezone"`           // of the schedule
	Active          bool       `json:"active"`
	RunType         string     `json:"run_type"`   // full, refresh, source
	FileDates       string     `json:"file_dates"` // the IANA zone whose calendar file names and ranges follow
	FileDatesStated bool       `json:"file_dates_stated,omitempty"`
	DST             DST        `json:"dst"`
	Members         []Member   `json:"couriers,omitempty"`
	Bridges         []Addr     `json:"bridges,omitempty"`
	Processes       []Addr     `json:"processes,omitempty"`
	Activations     []Addr     `json:"activations,omitempty"`
	After           []After    `json:"after,omitempty"`
	PastDayOnly     bool       `json:"past_day_only,omitempty"`
	ExpectedRuntime Duration   `json:"expected_runtime,omitempty"`
	RuntimeAlert    Duration   `json:"runtime_alert,omitempty"`
	SLA             Duration   `json:"sla,omitempty"`
	Overlap         string     `json:"overlap"`
	CatchUp         string     `json:"catch_up"`
	MaxRange        Duration   `json:"max_range,omitempty"` // zero: 31 days, or three regular periods where that is longer
	StartFrom       *time.Time `json:"start_from,omitempty"`
	Alerts          []Addr     `json:"alerts,omitempty"`
	Accept          []string   `json:"accept,omitempty"` // codes that this group does not want to hear of
	MaxConcurrent   int        `json:"max_concurrent,omitempty"`
}

// The values of Group.RunType.
const (
	RunFull    = "full"    // couriers, processes, activations
	RunRefresh = "refresh" // no activations
	RunSource  = "source"  // couriers and bridges only
)

// The values of Group.Overlap.
const (
	BufferOne   = "buffer_one"
	BufferAll   = "buffer_all"
	SkipOverlap = "skip"
	CancelOther = "cancel_other"
)

// The values of Group.CatchUp.
const (
	Coalesce    = "coalesce"
	Each        = "each"
	SkipCatchUp = "skip"
)

// The values of Member.OnMissing and After.OnMissing.
const (
	OnMissingStop     = "stop"
	OnMissingContinue = "continue"
)

// DST is a group's policy for clock changes; the words are those of
// lang/cron.
type DST struct {
	Gap    string `json:"gap"`   // next_valid, shift, skip
	Fold   string `json:"fold"`  // first, second, both
	Class  string `json:"class"` // auto, fixed, interval
	Stated DSTSet `json:"stated,omitzero"`
}

// DSTSet says which parts of a policy somebody wrote: those answer the
// warnings they decide.
type DSTSet struct {
	Gap   bool `json:"gap,omitempty"`
	Fold  bool `json:"fold,omitempty"`
	Class bool `json:"class,omitempty"`
}

// Member is a courier as one group uses it. Name is unique in the group and
// names the courier's watermark, landing folder and runs there.
type Member struct {
	Name          string   `json:"name"`
	Courier       Addr     `json:"courier"`
	Wait          Duration `json:"wait"`
	WaitOwn       bool     `json:"wait_own,omitempty"` // written for this courier, not inherited
	Offset        Offset   `json:"offset,omitzero"`
	OnMissing     string   `json:"on_missing"`
	NotifyMissing bool     `json:"notify_missing"`
}

// After is a constraint: another group must have done its newest tick first.
type After struct {
	Name      string   `json:"name"`
	Group     Addr     `json:"group"`
	Wait      Duration `json:"wait"`
	Offset    Offset   `json:"offset,omitzero"`
	OnMissing string   `json:"on_missing"`
	Gate      string   `json:"gate"`
}

// The values of After.Gate.
const (
	GateDownstream = "downstream" // couriers load meanwhile
	GateStart      = "start"      // nothing starts before it opens
)
