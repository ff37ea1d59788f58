package diag

// The codes of load: runs that come too close to each other.
const (
	LoadDense     Code = "WB601"
	LoadShortGap  Code = "WB602"
	LoadHerd      Code = "WB603"
	LoadBurst     Code = "WB604"
	LoadFrequent  Code = "WB605"
	LoadDuplicate Code = "WB606"
)

var loadCodes = []Entry{
	{
		Code: LoadDense, Severity: Warning,
		Title: "Run that takes longer than the time to the next",
		Explanation: `The longest wait of the group's couriers and its expected_runtime together are longer than the shortest time between two of its runs, days on which clocks change included. The next run falls due before the last one has ended, and overlap decides what becomes of it. Runs of one group are never under way at once.

Schedule the group less often, wait less, or correct expected_runtime. Where it is meant, accept it.`,
		Bad: `courier_group "orders" {
  schedule         = "*/5 * * * *"
  expected_runtime = "10m"
  couriers         = [courier.orders]
}`,
		Good: `courier_group "orders" {
  schedule         = "*/15 * * * *"
  expected_runtime = "10m"
  couriers         = [courier.orders]
}`,
	},
	{
		Code: LoadShortGap, Severity: Warning,
		Title: "Runs that a clock change brings together",
		Explanation: `On the day of a clock change two runs of the group are at most half as far apart as on any other day: a run that was moved to the end of a gap is followed by the next one at once, or both passes of a repeated hour have a run.

Choose times that the change does not touch. With expected_runtime stated there is no guessing: only runs that would overlap are then reported, as WB601.`,
		Bad: `courier_group "twice" {
  schedule = "30 2,3 * * *" # at 03:00 and at 03:30 on 2027-03-14
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
		Good: `courier_group "twice" {
  schedule = "30 4,5 * * *"
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
	},
	{
		Code: LoadHerd, Severity: Info,
		Title: "Many groups that start in the same minute",
		Explanation: `Twenty groups or more start at one instant, so that sources, landing and processes see all their load at once and nothing for the rest of the hour.

Spread the groups over some minutes, or limit how many tasks run at once with max_concurrent in the waybill block.`,
		Bad: `courier_group "feed" { # and 19 more like it
  schedule = "0 6 * * *"
  couriers = [courier.orders]
}`,
		Good: `waybill {
  max_concurrent = 8
}

courier_group "feed" { # and 19 more like it
  schedule = "0 6 * * *"
  couriers = [courier.orders]
}`,
	},
	{
		Code: LoadBurst, Severity: Warning,
		Title: "Groups that all start at the end of a gap",
		Explanation: `Ten groups or more are scheduled at different minutes of an hour that does not exist on the day that clocks go forward. Under gap = "next_valid" each runs at the end of the gap, so all of them start at once that day.

Limit how many tasks run at once with max_concurrent in the waybill block, write gap = "shift", which keeps them apart, or choose another hour.`,
		Bad: `courier_group "feed" { # and 11 more like it
  schedule = "30 2 * * *"
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
		Good: `courier_group "feed" { # and 11 more like it
  schedule = "30 4 * * *"
  timezone = "America/Los_Angeles"
  couriers = [courier.orders]
}`,
	},
	{
		Code: LoadFrequent, Severity: Info,
		Title: "Run every minute or two",
		Explanation: `The group runs hundreds of thousands of times a year. Each run has a record, a landing folder and a look at every source. Most sources do not change that often.

A longer interval reads the same data in fewer runs: no range is lost by it.`,
		Bad: `courier_group "orders" {
  schedule = "* * * * *"
  couriers = [courier.orders]
}`,
		Good: `courier_group "orders" {
  schedule = "*/15 * * * *"
  couriers = [courier.orders]
}`,
	},
	{
		Code: LoadDuplicate, Severity: Info,
		Title: "Two groups with the same work at the same time",
		Explanation: `Two groups start at the same instants over the whole horizon and have a courier, a bridge or an activation in common: the same data is pulled twice, or the same message sent twice, at the same time.

Make them one group, or take what they share out of one of them.`,
		Bad: `courier_group "orders" {
  schedule = "0 6 * * *"
  couriers = [courier.orders]
}

courier_group "again" {
  schedule = "0 6 * * *"
  couriers = [courier.orders]
}`,
		Good: `courier_group "orders" {
  schedule = "0 6 * * *"
  couriers = [courier.orders]
}`,
	},
}
