// Package cron answers when a cron expression fires in a time zone: the next and
// the last firing, all of them between two times, and how many, exactly, under a
// policy the user chooses for the hours that clocks skip or repeat.
//
// # Two kinds of time
//
// A [Wall] is what a clock on the wall shows; a [time.Time] is an instant. An
// expression speaks of wall time only, and a zone alone knows what wall time an
// instant has. Engines that step through instants and read local fields off them,
// or build instants from local fields with [time.Date], go wrong where the two part:
// time.Date chooses the first pass of a repeated hour west of Greenwich and the
// second east of it. Here nothing is computed in a zone. The search runs in wall
// time, in integers, and a result becomes an instant by one subtraction.
//
// # Masks
//
// [Parse] compiles an expression to bits: 60 for the minutes, 24 for the hours, 12
// for the months. Days are decided beforehand too. A month has one of 28 shapes, by
// the weekday of its first day and by its length; for each shape there is a mask
// of the days that match, in which day of month, day of week, L, W, # and the rule
// that joins the two fields have already been folded together. The search counts
// trailing zeros: in the minutes, in the hours, in the days, in the months. An
// expression whose masks are empty for every shape its months can have never fires,
// and is refused, without a search.
//
// # Spans
//
// A [Zone] is a list of spans of time with one offset each, read once from an
// embedded release of the time zone database and never from the machine. Within a
// span, instants and wall time differ by a constant: the first match in wall time,
// less the offset, is the next instant, if it is still within the span; otherwise
// the next span begins.
//
// # Edges
//
// Only between spans does a policy matter. Where the clock is moved forward at
// instant T, by the offsets o1 < o2, the wall time [T+o1, T+o2) does not exist;
// where it is moved back, [T+o2, T+o1) occurs twice. Each span is therefore cut
// into stretches: the repeated wall time at its beginning and at its end, which a
// fold policy takes or leaves, the swallowed wall time before it, which a gap policy
// moves or drops, and the calm rest. Next, Prev, Between and Count walk the same
// stretches in the same order, so that they cannot disagree.
//
//   - next_valid: one firing at T if any nominal minute of the gap matches, unless
//     an ordinary firing is at T already.
//   - shift: each nominal minute w of the gap fires at w-o1; one that falls on an
//     ordinary firing is that firing.
//   - skip: nothing. A gap longer than three hours is always skipped.
//   - first, second, both: the pass on which a repeated nominal minute fires.
//
// Dates and weekdays are those of the nominal time. A schedule of the interval
// class is untouched by all this: each minute that the clock shows and that
// matches fires, each time it is shown.
//
// # Proof
//
// The tests compare the engine with two oracles that share nothing with it: one
// walks real minutes and reads their local fields, the other walks nominal minutes
// and tries every offset for each. WAYBILL_PROVE=1 runs them over every change of
// every zone from 1970 to 2038. gronx is a third opinion, in UTC.
package cron
