package diag

// The codes of data windows: file patterns and the ranges that runs read.
const (
	WindowHole            Code = "WB401"
	WindowRepeatedHour    Code = "WB406"
	WindowAge             Code = "WB407"
	OffsetInHours         Code = "WB408"
	WindowBlocked         Code = "WB409"
	WindowDense           Code = "WB410"
	WindowSpans           Code = "WB411"
	FileDatesUnstated     Code = "WB420"
	PatternToken          Code = "WB421"
	PatternIncompleteDate Code = "WB422"
	PatternEscape         Code = "WB423"
	PatternPath           Code = "WB424"
	PatternBrace          Code = "WB425"
	PatternWildcard       Code = "WB426"
	ReadTwice             Code = "WB430"
	ReadNever             Code = "WB431"
)

var windowCodes = []Entry{
	{
		Code: WindowHole, Severity: Warning,
		Title: "Data that no run reads",
		Explanation: `Each run of a group reads on from where the one before it ended, so that nothing is left out, whatever the clocks do. past_day_only changes that: a run then reads no more than one day, counted back on the calendar of the file dates, and what lies before it is read by no run. Where a day of that calendar is shorter than the time between two runs, such as in UTC on the day on which the group's own clocks go back, an hour is lost; in a group that runs once a week, six days are.

Let the file dates follow the same clocks as the schedule, or leave past_day_only out: each run then reads everything since the last. If it is meant, list the code in accept.`,
		Bad: `courier_group "daily" {
  schedule      = "0 13 * * *"
  timezone      = "America/Los_Angeles"
  file_dates    = "utc"
  past_day_only = true
  couriers      = [courier.orders]
}`,
		Good: `courier_group "daily" {
  schedule      = "0 13 * * *"
  timezone      = "America/Los_Angeles"
  file_dates    = "schedule"
  past_day_only = true
  couriers      = [courier.orders]
}`,
	},
	{
		Code: WindowRepeatedHour, Severity: Warning,
		Title: "One file for an hour that occurs twice",
		Explanation: `When clocks go back an hour is shown twice, but its file name is the same both times. The file is expected once, by the run after the first time. A run that comes before the second time is over takes it as it is then; what is written into it afterwards is read by no run.

Name hourly files in UTC, or let the group wait until the hour has passed for good with an offset.`,
		Bad: `courier "events" {
  filedrop { url = "drop" }
  file "events" { pattern = "events-{yyyy}{MM}{dd}-{HH}.json" }
}

courier_group "hourly" {
  schedule   = "0 * * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"
  couriers   = [courier.events]
}`,
		Good: `courier "events" {
  filedrop { url = "drop" }
  file "events" { pattern = "events-{yyyy}{MM}{dd}-{HH}.json" }
}

courier_group "hourly" {
  schedule   = "0 * * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "utc"
  couriers   = [courier.events]
}`,
	},
	{
		Code: WindowAge, Severity: Warning,
		Title: "File looked for a day early or late",
		Explanation: `A file is read by the first run whose range goes past the beginning of its date. Where that is close to the time of a run, a change of the clocks makes another run the first: on some days, or all winter, a file is looked for one run earlier than usual, when it may not be there yet, or one run later.

Offsets in hours do that, since 24 hours are not always a day: write days, which go by the calendar. So do file dates in UTC for a group that runs near midnight UTC by clocks that change: let the file dates follow the schedule, or choose another hour.`,
		Bad: `courier_group "nightly" {
  schedule   = "30 0 * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"

  courier "orders" {
    offset { hours = 24 }
  }
}`,
		Good: `courier_group "nightly" {
  schedule   = "30 0 * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"

  courier "orders" {
    offset { days = 1 }
  }
}`,
	},
	{
		Code: OffsetInHours, Severity: Info,
		Title: "Offset of a day that is written in hours",
		Explanation: `An offset in hours is elapsed time, one in days goes by the calendar of the range zone. Where that zone changes its clocks, 24 hours before 09:00 are 08:00 or 10:00 of the day before, so that a range ends at another time of day after each change. No hour is lost or read twice by it.

If the same time on another day is meant, write days.`,
		Bad: `courier_group "daily" {
  schedule   = "0 9 * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"

  courier "orders" {
    offset { hours = 24 }
  }
}`,
		Good: `courier_group "daily" {
  schedule   = "0 9 * * *"
  timezone   = "America/Los_Angeles"
  file_dates = "schedule"

  courier "orders" {
    offset { days = 1 }
  }
}`,
	},
	{
		Code: WindowBlocked, Severity: Warning,
		Title: "Runs that max_range blocks",
		Explanation: `A run whose range is longer than max_range is blocked: nothing of its group runs until somebody says what to do with it. That guards against loading half a year after a long pause. A max_range shorter than the time between two runs blocks runs that are in time; one of exactly a day does so when clocks go back and the day has 25 hours.

Write a max_range that a few missed runs fit into, or leave it out: it is then 31 days, or three regular periods of the schedule where that is longer.`,
		Bad: `courier_group "daily" {
  schedule  = "0 13 * * *"
  timezone  = "America/Los_Angeles"
  max_range = "24h"
  couriers  = [courier.orders]
}`,
		Good: `courier_group "daily" {
  schedule  = "0 13 * * *"
  timezone  = "America/Los_Angeles"
  max_range = "7d"
  couriers  = [courier.orders]
}`,
	},
	{
		Code: WindowDense, Severity: Info,
		Title: "Schedule denser than the dates of a file",
		Explanation: `A file with a date is expected once, by the first run whose range goes past the beginning of that date. In a group that runs more often than there are such files, the other runs expect none of it: an hourly group looks for a daily file in the run after midnight, and not in the 23 that follow. That run alone waits for it and misses it.

If that is meant, list the code in accept. If each run is to take what is new, write * in place of the date; if the file is daily, a group that runs once a day can wait for it as long as it needs to.`,
		Bad: `courier_group "hourly" {
  schedule = "0 * * * *"
  couriers = [courier.orders]
}`,
		Good: `courier_group "daily" {
  schedule = "0 6 * * *"

  courier "orders" {
    wait { hours = 12 }
  }
}`,
	},
	{
		Code: WindowSpans, Severity: Info,
		Title: "Range of several files with require unstated",
		Explanation: `A run reads everything since the run before it. Where that is several days and a file has a date for each, the run expects all of them: a weekly group expects seven daily files, a group that runs on weekdays three on Mondays. One that is not there keeps the whole courier waiting.

State which is meant in the file block: require = "any" for a partner that sends one of them, require = "each" where every one is needed. A file that is not sent every day says so with days.`,
		Bad: `courier "catalog" {
  filedrop { url = "drop" }
  file "catalog" { pattern = "catalog-{yyyy}{MM}{dd}.csv" }
}

courier_group "weekly" {
  schedule = "0 6 * * 1"
  couriers = [courier.catalog]
}`,
		Good: `courier "catalog" {
  filedrop { url = "drop" }
  file "catalog" {
    pattern = "catalog-{yyyy}{MM}{dd}.csv"
    require = "any"
  }
}

courier_group "weekly" {
  schedule = "0 6 * * 1"
  couriers = [courier.catalog]
}`,
	},
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

Write a whole date as {yyyy}-{MM}-{dd}, or with whatever stands between its parts. For what is smaller than an hour write *. {file} is known in done_marker and manifest only.`,
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
		Title: "Wildcard that means nothing in a file pattern",
		Explanation: `"*" stands for any text within one folder or file name and never crosses a slash, "?" for one character. "**", which crosses folders in other systems, would be the same as one star here, so that the files in deeper folders would be missed without a word. A list of characters such as [0-9] would stand for itself.

Write one * for each folder, and ? or * for characters.`,
		Bad:  `pattern = "**/orders-{yyyy}{MM}{dd}.csv"`,
		Good: `pattern = "*/*/orders-{yyyy}{MM}{dd}.csv"`,
	},
	{ReadTwice, Warning, "Data that would be read twice",
		`A plan compares how far each courier has been read with where its reading goes on after the change. A courier that another group takes over, or that has another name in its group, begins with a watermark of its own: one period before its first run. What lies between there and the old watermark is read, and landed, a second time. The same happens where files come to stand for shorter stretches of time.

If only a name changes, write a moved block: the watermark and what has landed go with it. Where reading it again does no harm, accept the code.`,
		`# "daily" was called "nightly", and has read up to today
courier_group "daily" {
  schedule = "0 22 * * *"
  couriers = [courier.orders]
}`,
		`courier_group "daily" {
  schedule = "0 22 * * *"
  couriers = [courier.orders]
}

moved {
  from = courier_group.nightly
  to   = courier_group.daily
}`},
	{ReadNever, Warning, "Data that would never be read",
		`A plan compares how far each courier has been read with where its reading goes on after the change. Where a courier begins with a watermark of its own, later than the one that it had under another name, no scheduled run reads what lies between. The same happens where files come to stand for longer stretches of time, or under a past_day_only that is new.

If only a name changes, write a moved block: the watermark goes with it. Else load what is left out with "waybill run GROUP --from --to" once the change is applied.`,
		`# "weekly" was called "nightly", and has not run for two days
courier_group "weekly" {
  schedule = "0 22 * * *"
  couriers = [courier.orders]
}`,
		`courier_group "weekly" {
  schedule = "0 22 * * *"
  couriers = [courier.orders]
}

moved {
  from = courier_group.nightly
  to   = courier_group.weekly
}`},
}
