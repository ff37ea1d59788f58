// Package coverage proves that the runs of a group read all of time: no hour and
// no date of ten years is lost, none is read twice, and each file is looked for
// at the age at which it usually is. Where that is not so it says when, how
// much, and which line to change.
//
// # What is proved
//
// A courier's run at tick t reads [W, E), where E = max(W, t ⊖ offset) and W is
// the E of the run before. Ranges without past_day_only therefore tile whatever
// the clocks do: they telescope, and none of them needs to be looked at. Only
// past_day_only opens holes, where E lies more than one calendar day of the range
// zone behind the E before it.
//
// A file dated D is read by the first run with E after the first instant of D.
// The run's age is in days from D to the date that its schedule names. In steady
// state that is arithmetic on the wall: the first time the expression names
// after D, plus the offset, less the distance between the clocks of the schedule
// and those of the file names. That distance is taken to be the one that holds
// for most of the ten years. A date that another run reads than this, a day or
// more away, is early or late. A difference of up to three hours of real time is
// the clock change itself and no other age.
//
// Every run is taken to run in time and to succeed, since what a run leaves
// behind the next one reads. Where that is not so, under catch_up = "skip", the
// result says it. A run that max_range would block is reported, since nothing
// runs after it.
//
// # How it is cheap
//
// Between two changes of the clocks involved, all is arithmetic with constant
// offsets. Where the clocks are at their usual distance nothing needs to be looked
// at, since actual and steady state are the same formula; nor where they are not
// but no time of the schedule lies between the two. In what is left one date
// stands for all, or for all of its weekday, since the times of a schedule are the
// same each day. Only around the changes, about twenty in ten years, are dates and
// ranges worked out one by one, by the functions that the runtime itself uses.
// Dates and hours are counted by their ordinals. So the cost does not grow with
// the density of a schedule, and no list is kept.
//
// One thing is enumerated after all, a month of ticks at a time: the ranges of a
// group with past_day_only or max_range that does not run every day, or whose
// offset has months.
//
// Couriers of a group with equal offset and files share one proof, and so do
// groups with equal schedule, zones and policies.
//
// # What is not proved
//
// A pattern without a date goes by arrival: nothing about it depends on ranges,
// and nothing is claimed. Hours have no age: their files are checked to be read
// once.
package coverage
