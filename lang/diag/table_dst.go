package diag

// The codes of daylight saving: what the days on which clocks change do to
// schedules and data ranges.
const (
	DSTGap            Code = "WB301"
	DSTFold           Code = "WB302"
	DSTMidnightGap    Code = "WB303"
	DSTNextDate       Code = "WB304"
	DSTLostRun        Code = "WB305"
	DSTCadence        Code = "WB306"
	DSTHourStep       Code = "WB307"
	DSTUnevenDay      Code = "WB308"
	DSTOrderInversion Code = "WB309"
	DSTFoldOrder      Code = "WB310"
	DSTZoneSkew       Code = "WB311"
	DSTOddShift       Code = "WB312"
	DSTDuringRun      Code = "WB313"
	DSTBusinessHours  Code = "WB314"
	DSTMissingDate    Code = "WB316"
	DSTPartner        Code = "WB317"
)

var dstCodes = []Entry{
	{
		Code: DSTGap, Severity: Warning,
		Title: "Scheduled time that does not exist on some day",
		Explanation: `When clocks go forward an hour of local time is left out. A run scheduled within it has no instant of its own that day. By default Waybill runs it once, at the end of the gap; other schedulers lose it, or move it by an hour.

Say what is wanted with gap in a dst block: "next_valid" runs once when the gap ends, "shift" moves each missed run by the length of the gap, "skip" leaves them out, and the next run then reads what they would have read. Or choose a time that no clock change touches, or UTC.`,
		Bad: `courier_group "daily" {
  schedule = "30 2 * * *" # 02:30 does not exist on 2027-03-14
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
		Good: `courier_group "daily" {
  schedule = "30 2 * * *"
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]

  dst { gap = "next_valid" }
}`,
	},
	{
		Code: DSTFold, Severity: Warning,
		Title: "Scheduled time that occurs twice on some day",
		Explanation: `When clocks go back an hour of local time is repeated. A run scheduled within it could start in the first pass, in the second, or in both. By default Waybill takes the first; some schedulers run it twice.

Say what is wanted with fold in a dst block: "first", "second" or "both". Or choose a time that no clock change touches, or UTC.`,
		Bad: `courier_group "daily" {
  schedule = "30 1 * * *" # 01:30 occurs twice on 2027-11-07
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
		Good: `courier_group "daily" {
  schedule = "30 1 * * *"
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]

  dst { fold = "first" }
}`,
	},
	{
		Code: DSTMidnightGap, Severity: Warning,
		Title: "Day that does not begin at midnight",
		Explanation: `In some zones, among them Africa/Cairo, Asia/Beirut, America/Santiago, America/Havana and Atlantic/Azores, clocks go forward at midnight: 00:00 does not exist that day, and the day begins at 01:00. Every @daily, @weekly and @monthly run of that date falls into the gap.

By default it runs at 01:00, when the day begins. State gap in a dst block, or choose a time from 03:00 on.`,
		Bad: `courier_group "daily" {
  schedule = "@daily" # 00:00 does not exist on 2027-04-30
  timezone = "Africa/Cairo"
  couriers = [courier.orders]
}`,
		Good: `courier_group "daily" {
  schedule = "0 4 * * *"
  timezone = "Africa/Cairo"
  couriers = [courier.orders]
}`,
	},
	{
		Code: DSTNextDate, Severity: Warning,
		Title: "Run that moves to the next date",
		Explanation: `Where the last hour of a day is left out, as in America/Nuuk, a run scheduled within it starts at 00:00 of the following date. Its nominal time keeps the date it was meant for, but its log and every "today" in it do not.

Choose an earlier hour, or leave such runs out with gap = "skip".`,
		Bad: `courier_group "nightly" {
  schedule = "30 23 * * *"
  timezone = "America/Nuuk"
  couriers = [courier.orders]
}`,
		Good: `courier_group "nightly" {
  schedule = "30 21 * * *"
  timezone = "America/Nuuk"
  couriers = [courier.orders]
}`,
	},
	{
		Code: DSTLostRun, Severity: Warning,
		Title: "Weekly or dated run lost to a clock change",
		Explanation: `With gap = "skip" a run within a gap is left out. Clocks change on Sundays in most zones, so a weekly Sunday run is gone for a whole week, and one on a fixed date for a month or a year.

Use gap = "next_valid", another hour, or another day.`,
		Bad: `courier_group "weekly" {
  schedule = "0 2 * * SUN"
  timezone = "America/New_York"
  couriers = [courier.orders]

  dst { gap = "skip" }
}`,
		Good: `courier_group "weekly" {
  schedule = "0 2 * * SUN"
  timezone = "America/New_York"
  couriers = [courier.orders]

  dst { gap = "next_valid" }
}`,
	},
	{
		Code: DSTCadence, Severity: Info,
		Title:       "Day with fewer or more runs",
		Explanation: `An interval schedule keeps its real cadence over a clock change: an hourly one has 23 runs on the day that clocks go forward and 25 on the day that they go back. Nothing is lost or doubled, but counts per day differ.`,
		Bad: `courier_group "hourly" {
  schedule = "0 * * * *"
  timezone = "America/New_York"
  couriers = [courier.orders]
}`,
		Good: `courier_group "hourly" {
  schedule = "0 * * * *"
  timezone = "America/New_York"
  couriers = [courier.orders]

  dst { class = "interval" }
}`,
	},
	{
		Code: DSTHourStep, Severity: Warning,
		Title: "Steps of hours across a clock change",
		Explanation: `*/2 in the hours means the even hours on the clock. When clocks go forward 02:00 vanishes and 00:00 is followed by 04:00, three real hours later; when they go back there are three real hours between 00:00 and 02:00. Besides, */2 begins with "*" and makes an interval schedule, while 0-23/2 makes one of fixed times, which is treated differently.

State the class in a dst block, or use UTC.`,
		Bad: `schedule = "0 */2 * * *"
timezone = "America/New_York"`,
		Good: `schedule = "0 */2 * * *"
timezone = "UTC"`,
	},
	{
		Code: DSTUnevenDay, Severity: Info,
		Title: "Day of 23 or 25 hours between two runs",
		Explanation: `A daily run at a fixed local time comes 23 hours after the one before when clocks have gone forward, and 25 hours after it when they have gone back. Its data range has that length too. Nothing is read twice or left out, but a monitor that reckons with 24 hours may be off. Groups with the same dates share one note.

It is a warning where a limit of the group, its sla, its runtime_alert or its longest wait, is longer than the short day and not longer than the long one, as 24 hours are: on the short day the next run is due before the limit has passed.`,
		Bad: `schedule = "0 9 * * *"
timezone = "America/New_York"`,
		Good: `schedule = "0 14 * * *"
timezone = "UTC"`,
	},
	{
		Code: DSTOrderInversion, Severity: Warning,
		Title: "Two groups that change their order",
		Explanation: `One group is scheduled before another, and the second relies on it. On the day that clocks go forward both can start at the same instant, or the first after the second. Two groups of one zone are compared if both have one time of day, one right after the other, and no after block joins them, not even by way of others.

Clock times are no dependency. Say that the second group waits for the first with an after block.`,
		Bad: `courier_group "extract" {
  schedule = "30 2 * * *"
  timezone = "America/New_York"
  couriers = [courier.orders]
}

courier_group "reports" {
  schedule  = "0 3 * * *" # half an hour after the extract, on every other day
  timezone  = "America/New_York"
  processes = [process.stitch]
}`,
		Good: `courier_group "extract" {
  schedule = "30 2 * * *"
  timezone = "America/New_York"
  couriers = [courier.orders]
}

courier_group "reports" {
  schedule  = "0 3 * * *"
  timezone  = "America/New_York"
  processes = [process.stitch]

  after "extract" { group = courier_group.extract }
}`,
	},
	{
		Code: DSTFoldOrder, Severity: Warning,
		Title: "Two groups in different passes of a repeated hour",
		Explanation: `Two groups are scheduled within the hour that occurs twice, one in its first pass and one in its second. The one with the earlier time on the clock then starts later.

Give both the same fold, or let one wait for the other with an after block.`,
		Bad: `courier_group "first" {
  schedule = "15 1 * * *"
  timezone = "America/New_York"
  couriers = [courier.orders]

  dst { fold = "second" }
}

courier_group "next" {
  schedule  = "45 1 * * *" # in the first pass, 30 minutes before the other's second
  timezone  = "America/New_York"
  processes = [process.stitch]
}`,
		Good: `courier_group "first" {
  schedule = "15 1 * * *"
  timezone = "America/New_York"
  couriers = [courier.orders]

  dst { fold = "first" }
}

courier_group "next" {
  schedule  = "45 1 * * *"
  timezone  = "America/New_York"
  processes = [process.stitch]

  dst { fold = "first" }
}`,
	},
	{
		Code: DSTZoneSkew, Severity: Warning,
		Title: "Groups in zones that change their clocks on different days",
		Explanation: `A group waits for another whose zone changes its clocks on another date, or never. Between the dates there is less time from the tick of the one to that of the other than in most of the year: an hour less from 14 to 28 March 2027 between Berlin and New York. Whoever tried the wait on an ordinary day finds it too short then.

Put both groups in one zone, or make the wait longer by that hour. Where the other group states its expected_runtime, a wait that is enough for it and its own waits is enough here.`,
		Bad: `courier_group "feeds" {
  schedule = "0 6 * * *"
  timezone = "Europe/Berlin"
  couriers = [courier.orders]
}

courier_group "reports" {
  schedule  = "0 3 * * *" # three hours later, but two from 14 to 28 March 2027
  timezone  = "America/New_York"
  processes = [process.stitch]

  after "feeds" {
    group = courier_group.feeds
    wait { minutes = 30 }
  }
}`,
		Good: `courier_group "feeds" {
  schedule = "0 6 * * *"
  timezone = "Europe/Berlin"
  couriers = [courier.orders]
}

courier_group "reports" {
  schedule  = "0 3 * * *"
  timezone  = "America/New_York"
  processes = [process.stitch]

  after "feeds" {
    group = courier_group.feeds
    wait { hours = 2 }
  }
}`,
	},
	{
		Code: DSTOddShift, Severity: Info,
		Title:       "Clock change that is not one hour",
		Explanation: `In a few zones the clock moves by another amount than an hour: half an hour in Australia/Lord_Howe, two hours in Antarctica/Troll. The gap and the repeated time have that length.`,
		Bad: `schedule = "15 2 * * *"
timezone = "Australia/Lord_Howe"`,
		Good: `schedule = "0 4 * * *"
timezone = "Australia/Lord_Howe"`,
	},
	{
		Code: DSTDuringRun, Severity: Warning,
		Title: "Run that is under way when clocks change",
		Explanation: `The run starts before a clock change and ends after it. Waybill measures waits and timeouts in elapsed time and is not confused, but local times that a script writes repeat themselves or jump.

Let scripts write UTC, or start the group after the change.`,
		Bad: `schedule         = "0 1 * * *"
timezone         = "America/New_York"
expected_runtime = "2h"`,
		Good: `schedule         = "0 4 * * *"
timezone         = "America/New_York"
expected_runtime = "2h"`,
	},
	{
		Code: DSTBusinessHours, Severity: Info,
		Title: "UTC schedule for people who do not live in UTC",
		Explanation: `A schedule in UTC moves by an hour against the clocks of people whose zone has daylight saving: 14:00 UTC is 09:00 in New York in winter and 10:00 in summer. If the time on their clock is what matters, write their zone.

Only a group that runs at a fixed time from Monday to Friday and for which nobody wrote a zone has this note, instead of WB505. A written UTC is meant.`,
		Bad: `schedule = "0 14 * * MON-FRI" # 9 in the morning in New York, in winter`,
		Good: `schedule = "0 9 * * MON-FRI"
timezone = "America/New_York"`,
	},
	{
		Code: DSTMissingDate, Severity: Warning,
		Title:       "Whole date that does not exist",
		Explanation: `A gap of more than three hours is not daylight saving: the zone moved to another side of the date line, as Pacific/Apia did when it left out 30 December 2011. Runs within such a gap are left out under every policy, and the run after it has a range of twice the length.`,
		Bad: `schedule = "0 9 * * *" # planned in December 2011
timezone = "Pacific/Apia"`,
		Good: `schedule = "0 19 * * *"
timezone = "UTC"`,
	},
	{
		Code: DSTPartner, Severity: Warning,
		Title: "after that finds another tick when clocks change",
		Explanation: `A group with an after block waits for the last tick of the other group at or before its own. Where the clocks of the two groups are not changed together, and not more than an hour lies between the ticks, that is the tick of the same day for one part of the year and that of the day before for the other. Nothing fails: the group just goes on with data that is a day older.

Schedule both groups in one zone, or leave more than an hour between them.`,
		Bad: `courier_group "feeds" {
  schedule = "0 13 * * *"
  timezone = "UTC"
  couriers = [courier.orders]
}

courier_group "reports" {
  schedule  = "30 5 * * *" # 13:30 UTC in winter, 12:30 UTC in summer
  timezone  = "America/Los_Angeles"
  processes = [process.stitch]

  after "feeds" { group = courier_group.feeds }
}`,
		Good: `courier_group "feeds" {
  schedule = "0 11 * * *"
  timezone = "UTC"
  couriers = [courier.orders]
}

courier_group "reports" {
  schedule  = "30 5 * * *"
  timezone  = "America/Los_Angeles"
  processes = [process.stitch]

  after "feeds" {
    group = courier_group.feeds
    wait { hours = 3 }
  }
}`,
	},
}
