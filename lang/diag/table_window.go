package diag

// The codes of data windows: file patterns and the ranges that runs read.
const (
	FileDatesUnstated     Code = "WB420"
	PatternToken          Code = "WB421"
	PatternIncompleteDate Code = "WB422"
	PatternEscape         Code = "WB423"
	PatternPath           Code = "WB424"
	PatternBrace          Code = "WB425"
	PatternWildcard       Code = "WB426"
)

var windowCodes = []Entry{
	{
		Code: FileDatesUnstated, Severity: Warning,
		Title: "File dates in UTC for a group in another zone",
		Explanation: `Dates in file names follow UTC unless file_dates says otherwise. A group in another zone that runs when the two have different dates looks for the files of another day than its own: at 18:00 in Los Angeles it is tomorrow in UTC.

Say whose calendar the file names follow: file_dates = "schedule" for the group's zone, "utc", or an IANA zone.`,
		Bad: `courier_group "evening" {
  schedule = "0 18 * * *"
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
		Good: `courier_group "evening" {
  schedule   = "0 18 * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"
  couriers   = [courier.orders]
}`,
	},
	{
		Code: PatternToken, Severity: Error,
		Title: "Unknown token in a file pattern",
		Explanation: `A pattern has four tokens: {yyyy} is the year, {MM} the month, {dd} the day and {HH} the hour of the file's date, in digits with leading zeros. Other systems spell them otherwise, and some of the spellings mean something else there: YYYY is the year of the week, DD the day of the year, mm the minute. So nothing but the four is accepted.

Write a whole date as {yyyy}-{MM}-{dd}, or with whatever stands between its parts. For what is smaller than an hour write *. {file} is known in done_marker only.`,
		Bad:  `pattern = "orders-{YYYY}{mm}{DD}.csv"`,
		Good: `pattern = "orders-{yyyy}{MM}{dd}.csv"`,
	},
	{
		Code: PatternIncompleteDate, Severity: Error,
		Title: "File pattern with an incomplete date",
		Explanation: `A day without its month and year names no date: the file of 21 November would also be that of 21 December. The larger tokens must be somewhere in the pattern, in any order, in a folder or in the name.

If the name of the file has only a part of the date, leave the tokens out and write *. The pattern then goes by arrival: each run takes what is new.`,
		Bad:  `pattern = "orders-{MM}-{dd}.csv"`,
		Good: `pattern = "{yyyy}/orders-{MM}-{dd}.csv"`,
	},
	{
		Code: PatternEscape, Severity: Error,
		Title: "File pattern that leaves the courier's folder",
		Explanation: `Patterns are paths below the URL of the courier's source, and nothing above it is ever read. An absolute path, a drive letter or a .. would lead out of it.

Move the URL up to a folder that holds everything, and write the rest of the path in the pattern.`,
		Bad:  `pattern = "../other/orders-{yyyy}{MM}{dd}.csv"`,
		Good: `pattern = "other/orders-{yyyy}{MM}{dd}.csv" # with the URL one folder up`,
	},
	{
		Code: PatternPath, Severity: Error,
		Title:       "File pattern that is not a path",
		Explanation: `A pattern is the path of a file, with / between its folders on every system. It is not empty, does not end in a folder, has no folder without a name, and is no URL: that belongs in the source block.`,
		Bad:         `pattern = "{yyyy}\\{MM}\\orders-{dd}.csv"`,
		Good:        `pattern = "{yyyy}/{MM}/orders-{dd}.csv"`,
	},
	{
		Code: PatternBrace, Severity: Error,
		Title:       "Brace without its partner in a file pattern",
		Explanation: `A { begins a token and a } ends it, within one part of the path. There is no way to write a brace that is part of a file's name; write ? for it, which is any one character.`,
		Bad:         `pattern = "orders-{yyyy}{MM}{dd.csv"`,
		Good:        `pattern = "orders-{yyyy}{MM}{dd}.csv"`,
	},
	{
		Code: PatternWildcard, Severity: Error,
		Title: "Two stars in a file pattern",
		Explanation: `"*" stands for any text within one folder or file name and never crosses a slash. "**", which crosses folders in other systems, would be the same as one star here, so that the files in deeper folders would be missed without a word.

Write one * for each folder.`,
		Bad:  `pattern = "**/orders-{yyyy}{MM}{dd}.csv"`,
		Good: `pattern = "*/*/orders-{yyyy}{MM}{dd}.csv"`,
	},
}
