package diag

// The codes of time zones.
const (
	ZoneUnknown      Code = "WB501"
	ZoneAbbreviation Code = "WB502"
	ZoneSign         Code = "WB503"
	ZoneAlias        Code = "WB504"
	ZoneUnstated     Code = "WB505"
	ZoneCase         Code = "WB506"
	ZoneReserved     Code = "WB507"
	ZoneDataChanged  Code = "WB508"
	ZoneVolatile     Code = "WB509"
	ZonePredicted    Code = "WB511"
)

var zoneCodes = []Entry{
	{
		Code: ZoneUnknown, Severity: Error,
		Title: "Unknown time zone",
		Explanation: `A zone is a name of the IANA database, such as America/Los_Angeles or Europe/London. Offsets (UTC+2, +02:00) and the labels of calendar programs ("(GMT-08:00) Pacific Time") are not names: they do not say when clocks change.

UTC is a name. A fixed offset without daylight saving is Etc/GMT-2 for two hours east of Greenwich; its sign is reversed.`,
		Bad:  `timezone = "(GMT-08:00) Pacific Time"`,
		Good: `timezone = "America/Los_Angeles"`,
	},
	{
		Code: ZoneAbbreviation, Severity: Error,
		Title: "Zone abbreviation",
		Explanation: `Abbreviations are no zones. Where the database has one of that name it is a trap: EST is five hours behind UTC all the year round, summer included, which is not New York; and IST is used in India, Israel and Ireland.

Write the city whose clocks are meant.`,
		Bad:  `timezone = "EST"`,
		Good: `timezone = "America/New_York"`,
	},
	{
		Code: ZoneSign, Severity: Warning,
		Title: "Etc zone with a reversed sign",
		Explanation: `The names Etc/GMT+8 and Etc/GMT-8 count hours west of Greenwich: Etc/GMT+8 is eight hours behind UTC, the opposite of how offsets are written everywhere else.

Write a city, unless a fixed offset is really meant.`,
		Bad:  `timezone = "Etc/GMT+8"`,
		Good: `timezone = "Asia/Singapore"`,
	},
	{
		Code: ZoneAlias, Severity: Info,
		Title:       "Old name of a time zone",
		Explanation: `The name still works but is an alias of another one, kept for old programs. The present name is easier to find and to compare.`,
		Bad:         `timezone = "US/Pacific"`,
		Good:        `timezone = "America/Los_Angeles"`,
	},
	{
		Code: ZoneUnstated, Severity: Info,
		Title:       "Schedule without a time zone",
		Explanation: `The group has a schedule and no timezone, neither of its own nor in the workspace's defaults, so its times are UTC. All such groups share one note. Cron on a server takes the server's zone; whoever moves a schedule from there must write it.`,
		Bad:         `schedule = "0 13 * * *"`,
		Good: `schedule = "0 13 * * *"
timezone = "UTC"`,
	},
	{
		Code: ZoneCase, Severity: Error,
		Title:       "Time zone in the wrong letter case",
		Explanation: `Zone names are exact. Some systems find them in any case, because their files do, and others do not; Waybill takes one spelling everywhere.`,
		Bad:         `timezone = "america/los_angeles"`,
		Good:        `timezone = "America/Los_Angeles"`,
	},
	{
		Code: ZoneReserved, Severity: Error,
		Title:       "Time zone that depends on the machine",
		Explanation: `"Local", "localtime", "posixrules", "Factory" and the empty name stand for whatever the machine is set to, so that the same workspace means different times on two machines.`,
		Bad:         `timezone = "Local"`,
		Good:        `timezone = "Europe/London"`,
	},
	{
		Code: ZoneDataChanged, Severity: Warning,
		Title: "Zone rules that differ from those of the deployment",
		Explanation: `Governments change clock rules, and each release of Waybill carries one release of the zone database. The workspace was applied with another release, and the rules of this zone differ between the two, so runs come at other instants than before.

Look at the runs of the plan; applying it makes the new rules those of the deployment.`,
		Bad:  `timezone = "America/Vancouver" # applied with older rules`,
		Good: `timezone = "UTC"`,
	},
	{
		Code: ZoneVolatile, Severity: Warning,
		Title: "Zone whose rules change at short notice",
		Explanation: `The clocks of this zone did not do what they had done the year before, twice or more in the last five years, or once at short notice. Runs that the plan shows for later may move with the next release of the zone database.

Plan again after an update, or use UTC.`,
		Bad:  `timezone = "Africa/Casablanca"`,
		Good: `timezone = "UTC"`,
	},
	{
		Code: ZonePredicted, Severity: Info,
		Title:       "Clock change that is a prediction",
		Explanation: `The changes of this zone depend on Ramadan and are announced year by year, as in Asia/Gaza. What the database says of later years is a prediction.`,
		Bad:         `timezone = "Asia/Gaza"`,
		Good:        `timezone = "UTC"`,
	},
}
