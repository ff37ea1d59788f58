// Package window is the meaning of a courier group in time: which data range a
// run reads, which files that range expects, when a file that is there is whole,
// how long a run waits for one that is not, and which runs there are at all.
//
// Everything here is a pure function of its arguments: no clock, no disk, no
// network. The plan and the runtime call the same functions, so that a plan
// that the runtime would not follow cannot be written.
//
// The parts, in the order in which a run meets them:
//
//   - [Calendar] is a group's schedule, zones and policies, compiled.
//   - [Calendar.Step] decides what becomes of a tick: run, wait, coalesce, skip.
//   - [Calendar.Read] gives the range of a scheduled run from the watermark,
//     [Calendar.AdHoc] that of a run somebody asked for; [Back] applies offsets.
//   - [Calendar.Want] turns a range into the files to look for, by [Pattern].
//   - [Want.Judge] says what a look at the source is worth, [Wait.After] what to
//     do next: land, look again at a stated time, or call it missing.
//   - [Calendar.Upstream] and [Gate] decide about groups that wait for others.
//
// All instants are returned in UTC. Ranges are half open. Offsets are subtracted,
// calendar units first, in the range zone: the zone whose calendar the file names
// follow.
package window
