package diag

// The codes of cron expressions (1xx) and of the calendar (2xx).
const (
	CronSyntax        Code = "WB101"
	CronRange         Code = "WB102"
	CronWrongField    Code = "WB103"
	CronReversedRange Code = "WB104"
	CronFieldCount    Code = "WB105"
	CronExtension     Code = "WB106"
	CronMacro         Code = "WB107"
	CronStepTooLong   Code = "WB108"
	CronUnevenStep    Code = "WB109"
	CronStepOnValue   Code = "WB110"
	CronRedundant     Code = "WB111"
	CronSunday        Code = "WB112"
	CronSpelling      Code = "WB113"

	CronNever      Code = "WB201"
	CronLeapDay    Code = "WB202"
	CronShortMonth Code = "WB203"
	CronEitherDay  Code = "WB204"
	CronBothDays   Code = "WB205"
	CronRare       Code = "WB206"
	CronSameDay    Code = "WB208"
	CronNoRun      Code = "WB209"
	CronEachMinute Code = "WB210"
)

var cronCodes = []Entry{
	{
		Code: CronSyntax, Severity: Error,
		Title: "Cron expression that cannot be read",
		Explanation: `A schedule is five fields, divided by spaces: minute, hour, day of month, month, day of week. Each field is "*", a number, a range such as 1-5, a list of these divided by commas, or one of them with a step such as */15.

Some cron libraries take nonsense in a list as long as another item of it matches, and never run what was meant. Waybill checks every item.`,
		Bad:  `schedule = "*,abc 13 * * *"`,
		Good: `schedule = "*/15 13 * * *"`,
	},
	{
		Code: CronRange, Severity: Error,
		Title: "Number outside its cron field",
		Explanation: `Minutes go from 0 to 59, hours from 0 to 23, days of the month from 1 to 31, months from 1 to 12, and days of the week from 0 to 7, where 0 and 7 are both Sunday. A number outside never comes, so the run would never happen.

The same holds behind "#": no month has a sixth Monday.`,
		Bad:  `schedule = "99 13 * * *"`,
		Good: `schedule = "59 13 * * *"`,
	},
	{
		Code: CronWrongField, Severity: Error,
		Title: "Name in the wrong cron field",
		Explanation: `JAN to DEC stand in the fourth field, SUN to SAT in the fifth. Other libraries replace the names anywhere in the text: JAN in the day of the week then means Monday, and nobody notices.

The order is minute, hour, day of month, month, day of week.`,
		Bad:  `schedule = "0 13 * * JAN"`,
		Good: `schedule = "0 13 * JAN *"`,
	},
	{
		Code: CronReversedRange, Severity: Error,
		Title: "Cron range that runs backwards",
		Explanation: `A range goes from its smaller to its larger end. Crons disagree about one that wraps around midnight, the week or the year: some refuse it, some swap its ends, some run it.

Write the two parts as a list. Sunday may be 7, so that Friday to Sunday is 5-7.`,
		Bad:  `schedule = "0 22-2 * * *"`,
		Good: `schedule = "0 22,23,0-2 * * *"`,
	},
	{
		Code: CronFieldCount, Severity: Error,
		Title: "Wrong number of cron fields",
		Explanation: `A schedule has exactly five fields: minute, hour, day of month, month, day of week. A sixth one means seconds in front in some systems, seconds at the end in others, and a year in others again, so the same text runs at different times.

The shortest cadence of a group is one minute. For a start in some later year use start_from.`,
		Bad:  `schedule = "0 30 13 * * *"`,
		Good: `schedule = "30 13 * * *"`,
	},
	{
		Code: CronExtension, Severity: Info,
		Title:       "Cron extension",
		Explanation: `L (the last day), 15W (the weekday nearest the 15th), 1#2 (the second Monday) and ? are understood here, but not by every other scheduler. This matters only if the expression is to be moved to one of them.`,
		Bad:         `schedule = "0 13 L * ?"`,
		Good:        `schedule = "0 13 1 * *" # the first day of the next month, in every cron`,
	},
	{
		Code: CronMacro, Severity: Error,
		Title: "Tag or macro that is not supported",
		Explanation: `Of the tags, @yearly, @annually, @monthly, @weekly, @daily and @hourly mean the same everywhere and are accepted. @reboot and @every have no time on the calendar, H is a hash of one build server, and a TZ= prefix hides the zone from everybody else who reads the group.

Write five fields, and the zone in timezone.`,
		Bad:  `schedule = "CRON_TZ=Europe/London 0 13 * * *"`,
		Good: "schedule = \"0 13 * * *\"\ntimezone = \"Europe/London\"",
	},
	{
		Code: CronStepTooLong, Severity: Warning,
		Title: "Cron step longer than its field",
		Explanation: `A step counts within its field and starts again with it. */90 in the minutes finds minute 0 only: the schedule is hourly, not every 90 minutes. Cron cannot say "every 90 minutes".

Write the times as they are, or choose a step that the field can hold.`,
		Bad:  `schedule = "*/90 * * * *"`,
		Good: `schedule = "0 */2 * * *"`,
	},
	{
		Code: CronUnevenStep, Severity: Warning,
		Title: "Cron step that does not divide its field",
		Explanation: `A step starts again with each hour, day or month. */7 in the minutes runs at :49, :56 and then :00, four minutes later; */5 in the hours leaves four hours across midnight; */2 in the days runs on the 31st and again on the 1st.

Where data ranges follow the schedule this is harmless, but the runs come unevenly. Write a divisor of 60 or 24, or the list that is meant.`,
		Bad:  `schedule = "*/7 * * * *"`,
		Good: `schedule = "*/6 * * * *"`,
	},
	{
		Code: CronStepOnValue, Severity: Warning,
		Title: "Cron step on a single value",
		Explanation: `5/15 means "from 5 to the end of the field by 15": 5, 20, 35, 50. Some crons read it as 5 only, others refuse it. In the day of the week it stops at Saturday.

Write the range or the list.`,
		Bad:  `schedule = "5/15 * * * *"`,
		Good: `schedule = "5-59/15 * * * *"`,
	},
	{
		Code: CronRedundant, Severity: Info,
		Title:       "Cron field with more than it needs",
		Explanation: `The field says the same thing twice, such as 0,0, or spells out what "*" says, such as 1-31. The second is not quite the same: a day of the month that is not "*" joins with a day of the week by OR (see WB204).`,
		Bad:         `schedule = "0,0 13 1-31 * *"`,
		Good:        `schedule = "0 13 * * *"`,
	},
	{
		Code: CronSunday, Severity: Info,
		Title:       "Weekday by number",
		Explanation: `Here 0 and 7 are Sunday and 1 is Monday. Elsewhere 1 is Sunday, or 7 is refused. Names mean the same everywhere.`,
		Bad:         `schedule = "0 13 * * 7"`,
		Good:        `schedule = "0 13 * * SUN"`,
	},
	{
		Code: CronSpelling, Severity: Info,
		Title:       "Cron expression with needless space or zeros",
		Explanation: `Space around the expression, tabs and line ends in it, and zeros in front of a number are read as if they were not there. Other crons refuse them.`,
		Bad:         `schedule = " 00 13 * * *"`,
		Good:        `schedule = "0 13 * * *"`,
	},
	{
		Code: CronNever, Severity: Error,
		Title: "Schedule that never runs",
		Explanation: `No date of any year satisfies the expression, such as 30 February or 31 in months of 30 days. The group would look healthy and do nothing.

L is the last day of any month.`,
		Bad:  `schedule = "0 0 30 2 *"`,
		Good: `schedule = "0 0 L 2 *"`,
	},
	{
		Code: CronLeapDay, Severity: Warning,
		Title:       "Schedule that runs on leap days only",
		Explanation: `29 February comes every four years, and after eight where a century year is no leap year (2096, then 2104). If the last day of February is meant, write L.`,
		Bad:         `schedule = "0 3 29 2 *"`,
		Good:        `schedule = "0 3 L 2 *"`,
	},
	{
		Code: CronShortMonth, Severity: Warning,
		Title: "Day that short months do not have",
		Explanation: `Day 31 exists in seven months, day 30 in eleven, and day 29 is missing from three Februaries out of four. In the other months nothing runs, and the next run reads the data of two months at once.

Write L for the last day, or the first day of the following month.`,
		Bad:  `schedule = "0 3 31 * *"`,
		Good: `schedule = "0 3 L * *"`,
	},
	{
		Code: CronEitherDay, Severity: Warning,
		Title: "Day of month or day of week",
		Explanation: `When both day fields are restricted, a date that satisfies either of them counts. "0 0 1-7 * 1" does not mean the first Monday of a month: it runs on the 1st to the 7th and on every Monday, 124 times in 2027.

Write 1#1 for the first Monday, or restrict one of the two fields only.`,
		Bad:  `schedule = "0 0 1-7 * MON"`,
		Good: `schedule = "0 0 * * MON#1"`,
	},
	{
		Code: CronBothDays, Severity: Warning,
		Title: "Day of month and day of week",
		Explanation: `When both day fields are restricted and one of them begins with "*", as */2 does, a date must satisfy both. That is the rule of the original cron; others run when either is satisfied.

Write the days in one field only, or as a list, which joins by OR everywhere.`,
		Bad:  `schedule = "0 0 */2 * MON"`,
		Good: `schedule = "0 0 * * MON"`,
	},
	{
		Code: CronRare, Severity: Info,
		Title:       "Next run more than a year away",
		Explanation: `The expression is valid, but nothing runs within the next year. Look whether the day, month and weekday together say what was meant.`,
		Bad:         `schedule = "0 3 29 2 */7"`,
		Good:        `schedule = "0 3 * 2 SUN"`,
	},
	{
		Code: CronSameDay, Severity: Info,
		Title:       "Two days that can be the same day",
		Explanation: `In some months two items of the list mean one day: 15W is the 16th when the 15th is a Sunday, and L is the 31st in a long month. That day has one run, not two.`,
		Bad:         `schedule = "0 3 15W,16 * *"`,
		Good:        `schedule = "0 3 15W * *"`,
	},
	{
		Code: CronNoRun, Severity: Info,
		Title:       "No run within the plan's horizon",
		Explanation: `The group has a schedule, but no tick of it falls into the days that the plan shows. Look further with --horizon.`,
		Bad:         `schedule = "0 3 1 1 *"`,
		Good:        `schedule = "0 3 1 * *"`,
	},
	{
		Code: CronEachMinute, Severity: Warning,
		Title: "Every minute of one hour",
		Explanation: `A * in the minutes is every minute: "* 6 * * *" runs 60 times from 6:00 to 6:59, and not once at 6. The minute stands first.

Write 0 for the full hour, or */5 if it is to run again and again within it.`,
		Bad:  `schedule = "* 6 * * *"`,
		Good: `schedule = "0 6 * * *"`,
	},
}
