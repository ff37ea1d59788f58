package window_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/lang/window"
)

// twoDays is a range with the dates 2026-06-14 (a Sunday) and 2026-06-15.
var twoDays = between("2026-06-13T13:00Z", "2026-06-15T13:00Z")

const oldTime = "2026-06-15T12:00Z"

func objects(modified string, paths ...string) []window.Object {
	var out []window.Object
	for _, p := range paths {
		out = append(out, window.Object{Path: p, Size: 1, ModTime: at(modified)})
	}
	return out
}

// short shows a verdict: what is taken and what is missing.
type short struct {
	Ready   bool
	Take    []string
	Missing []string
}

func shorten(v window.Verdict) short {
	s := short{Ready: v.Ready}
	for _, t := range v.Take {
		s.Take = append(s.Take, t.File+" "+t.Date+" "+t.Object.Path)
	}
	for _, m := range v.Missing {
		text := m.File + " " + m.Date + " " + m.Name + ": " + m.Why
		if m.Optional {
			text += ", optional"
		}
		s.Missing = append(s.Missing, text)
	}
	return s
}

func TestJudge(t *testing.T) {
	t.Parallel()
	day := "{yyyy}-{MM}-{dd}"
	orders := graph.File{Name: "orders", Pattern: day + "/orders-*.csv"}
	maybe := graph.File{Name: "maybe", Pattern: day + "/maybe.csv", Optional: true}
	any := graph.File{Name: "any", Pattern: "any-" + day, Require: graph.RequireAny}
	weekday := graph.File{Name: "weekday", Pattern: "w-" + day, Days: []string{"mon", "tue", "wed", "thu", "fri"}}
	arriving := graph.File{Name: "new", Pattern: "new-*"}
	arrivingMaybe := graph.File{Name: "new", Pattern: "new-*", Optional: true}
	stable := graph.Ready{StableFor: graph.Duration(30 * time.Second)}
	marked := graph.Ready{DoneMarker: "{file}.done"}
	is := func(paths ...string) func(window.Object) bool {
		return func(o window.Object) bool {
			for _, p := range paths {
				if o.Path == p {
					return true
				}
			}
			return false
		}
	}
	for _, test := range []struct {
		name  string
		files []graph.File
		ready graph.Ready
		edit  func(*window.Want)
		there []window.Object
		h     window.History
		want  short
	}{
		{name: "all there, by date and path", files: []graph.File{orders},
			there: objects(oldTime, "2026-06-15/orders-1.csv", "2026-06-14/orders-2.csv", "2026-06-14/orders-1.csv", "2026-06-16/orders-1.csv", "2026-06-13/orders-1.csv", "x"),
			want:  short{true, []string{"orders 2026-06-14 2026-06-14/orders-1.csv", "orders 2026-06-14 2026-06-14/orders-2.csv", "orders 2026-06-15 2026-06-15/orders-1.csv"}, nil}},
		{name: "one date absent", files: []graph.File{orders}, there: objects(oldTime, "2026-06-15/orders-1.csv"),
			want: short{false, []string{"orders 2026-06-15 2026-06-15/orders-1.csv"}, []string{"orders 2026-06-14 2026-06-14/orders-*.csv: absent"}}},
		{name: "nothing there", files: []graph.File{orders},
			want: short{false, nil, []string{"orders 2026-06-14 2026-06-14/orders-*.csv: absent", "orders 2026-06-15 2026-06-15/orders-*.csv: absent"}}},
		{name: "no files to wait for", want: short{true, nil, nil}},

		{name: "any: one is enough", files: []graph.File{any}, there: objects(oldTime, "any-2026-06-15"),
			want: short{true, []string{"any 2026-06-15 any-2026-06-15"}, nil}},
		{name: "any: none", files: []graph.File{any}, there: objects(oldTime, "any-2026-06-16"),
			want: short{false, nil, []string{"any 2026-06-14 any-2026-06-14: absent", "any 2026-06-15 any-2026-06-15: absent"}}},
		{name: "any: one is whole, another arriving", files: []graph.File{any}, ready: stable,
			there: append(objects(oldTime, "any-2026-06-15"), objects("2026-06-15T13:00Z", "any-2026-06-14")...),
			want:  short{false, []string{"any 2026-06-15 any-2026-06-15"}, []string{"any 2026-06-14 any-2026-06-14: still changing"}}},

		{name: "days: not expected", files: []graph.File{weekday}, there: objects(oldTime, "w-2026-06-15"),
			want: short{true, []string{"weekday 2026-06-15 w-2026-06-15"}, nil}},
		{name: "days: taken if there", files: []graph.File{weekday}, there: objects(oldTime, "w-2026-06-15", "w-2026-06-14"),
			want: short{true, []string{"weekday 2026-06-14 w-2026-06-14", "weekday 2026-06-15 w-2026-06-15"}, nil}},
		{name: "days: the unexpected one is not waited for", files: []graph.File{weekday}, ready: stable,
			there: append(objects(oldTime, "w-2026-06-15"), objects("2026-06-15T13:00Z", "w-2026-06-14")...),
			want:  short{true, []string{"weekday 2026-06-15 w-2026-06-15"}, []string{"weekday 2026-06-14 w-2026-06-14: still changing, optional"}}},

		{name: "optional absent", files: []graph.File{orders, maybe}, there: objects(oldTime, "2026-06-14/orders-1.csv", "2026-06-15/orders-1.csv", "2026-06-15/maybe.csv"),
			want: short{true, []string{"orders 2026-06-14 2026-06-14/orders-1.csv", "maybe 2026-06-15 2026-06-15/maybe.csv", "orders 2026-06-15 2026-06-15/orders-1.csv"},
				[]string{"maybe 2026-06-14 2026-06-14/maybe.csv: absent, optional"}}},
		{name: "all optional, none there", files: []graph.File{maybe},
			want: short{false, nil, []string{"maybe 2026-06-14 2026-06-14/maybe.csv: absent, optional", "maybe 2026-06-15 2026-06-15/maybe.csv: absent, optional"}}},
		{name: "all optional, one there", files: []graph.File{maybe}, there: objects(oldTime, "2026-06-15/maybe.csv"),
			want: short{true, []string{"maybe 2026-06-15 2026-06-15/maybe.csv"}, []string{"maybe 2026-06-14 2026-06-14/maybe.csv: absent, optional"}}},
		{name: "all optional, one landed before", files: []graph.File{maybe}, there: objects(oldTime, "2026-06-15/maybe.csv"), h: window.History{Landed: is("2026-06-15/maybe.csv")},
			want: short{true, nil, []string{"maybe 2026-06-14 2026-06-14/maybe.csv: absent, optional"}}},
		{name: "all optional, by arrival one there", files: []graph.File{maybe, arrivingMaybe}, there: objects(oldTime, "new-1"),
			want: short{true, []string{"new  new-1"}, []string{"maybe 2026-06-14 2026-06-14/maybe.csv: absent, optional", "maybe 2026-06-15 2026-06-15/maybe.csv: absent, optional"}}},
		{name: "optional and by arrival: nothing is expected", files: []graph.File{arrivingMaybe}, want: short{true, nil, nil}},

		{name: "landed counts as there and is not taken", files: []graph.File{orders}, there: objects(oldTime, "2026-06-14/orders-1.csv", "2026-06-15/orders-1.csv"),
			h: window.History{Landed: is("2026-06-14/orders-1.csv")}, want: short{true, []string{"orders 2026-06-15 2026-06-15/orders-1.csv"}, nil}},
		{name: "landed is whole, however young", files: []graph.File{orders}, ready: stable, there: objects("2026-06-15T13:00Z", "2026-06-14/orders-1.csv", "2026-06-15/orders-1.csv"),
			h: window.History{Landed: is("2026-06-14/orders-1.csv", "2026-06-15/orders-1.csv")}, want: short{true, nil, nil}},

		{name: "by arrival", files: []graph.File{arriving}, there: append(objects(oldTime, "new-2", "new-1", "new-seen", "new-landed"), objects("2020-01-01T00:00Z", "new-old")...),
			h: window.History{Seen: is("new-seen"), Landed: is("new-landed")}, want: short{true, []string{"new  new-1", "new  new-2", "new  new-old"}, nil}},
		{name: "by arrival, nothing new", files: []graph.File{arriving}, there: objects(oldTime, "new-seen", "new-landed"),
			h: window.History{Seen: is("new-seen"), Landed: is("new-landed")}, want: short{false, nil, []string{"new  new-*: absent"}}},
		{name: "by arrival, in an empty range", files: []graph.File{arriving, orders}, edit: func(w *window.Want) { w.Range, w.Files[1].Dates = window.Range{}, nil }, there: objects(oldTime, "new-1"),
			want: short{true, []string{"new  new-1"}, nil}},
		{name: "by arrival, one still arriving", files: []graph.File{arriving}, ready: stable, there: append(objects(oldTime, "new-1"), objects("2026-06-15T13:00Z", "new-2")...),
			want: short{true, []string{"new  new-1"}, nil}},
		{name: "by arrival, only one still arriving", files: []graph.File{arriving}, ready: stable, there: objects("2026-06-15T13:00Z", "new-2"),
			want: short{false, nil, []string{"new  new-2: still changing"}}},
		{name: "by modification time", files: []graph.File{arriving}, edit: func(w *window.Want) { w.ByModTime = true },
			there: append(objects(oldTime, "new-1"), objects("2026-06-15T13:00Z", "new-2")...), h: window.History{Seen: is("new-1")},
			want: short{true, []string{"new  new-1"}, nil}},

		{name: "all dates", files: []graph.File{orders}, edit: func(w *window.Want) { w.All = true }, there: objects(oldTime, "2026-06-15/orders-1.csv", "2020-01-01/orders-1.csv"),
			want: short{true, []string{"orders 2020-01-01 2020-01-01/orders-1.csv", "orders 2026-06-15 2026-06-15/orders-1.csv"}, nil}},
		{name: "all dates, none there", files: []graph.File{orders}, edit: func(w *window.Want) { w.All = true },
			want: short{false, nil, []string{"orders  {yyyy}-{MM}-{dd}/orders-*.csv: absent"}}},
		{name: "all dates, all optional, none there", files: []graph.File{maybe}, edit: func(w *window.Want) { w.All, w.Files[0].Dates = true, nil }, want: short{}},
		{name: "all dates, landed", files: []graph.File{orders}, edit: func(w *window.Want) { w.All = true }, there: objects(oldTime, "2026-06-15/orders-1.csv"),
			h: window.History{Landed: is("2026-06-15/orders-1.csv")}, want: short{true, nil, nil}},

		{name: "a file of two blocks is taken once and there for both", files: []graph.File{{Name: "a", Pattern: day + "/*"}, {Name: "c", Pattern: day + "/x"}},
			there: objects(oldTime, "2026-06-14/x", "2026-06-15/x"), want: short{true, []string{"a 2026-06-14 2026-06-14/x", "a 2026-06-15 2026-06-15/x"}, nil}},

		{name: "one part still arriving", files: []graph.File{orders}, ready: stable,
			there: append(objects(oldTime, "2026-06-14/orders-1.csv", "2026-06-15/orders-1.csv"), objects("2026-06-15T13:00Z", "2026-06-15/orders-2.csv")...),
			want:  short{false, []string{"orders 2026-06-14 2026-06-14/orders-1.csv", "orders 2026-06-15 2026-06-15/orders-1.csv"}, []string{"orders 2026-06-15 2026-06-15/orders-2.csv: still changing"}}},
		{name: "done markers", files: []graph.File{{Name: "orders", Pattern: day + "*"}}, ready: marked,
			there: objects(oldTime, "2026-06-14", "2026-06-14.done", "2026-06-15", "2026-06-15b", "2026-06-15b.done"),
			want:  short{false, []string{"orders 2026-06-14 2026-06-14", "orders 2026-06-15 2026-06-15b"}, []string{"orders 2026-06-15 2026-06-15: no done marker"}}},
		{name: "a marker without its file is not data", files: []graph.File{{Name: "orders", Pattern: day + "*"}}, ready: marked,
			there: objects(oldTime, "2026-06-14.done", "2026-06-15", "2026-06-15.done"),
			want:  short{false, []string{"orders 2026-06-15 2026-06-15"}, []string{"orders 2026-06-14 2026-06-14*: absent"}}},
		{name: "marker per day", files: []graph.File{{Name: "orders", Pattern: day + "/*"}}, ready: graph.Ready{DoneMarker: day + "/_SUCCESS"},
			there: objects(oldTime, "2026-06-14/a", "2026-06-14/b", "2026-06-14/_SUCCESS", "2026-06-15/a"),
			want:  short{false, []string{"orders 2026-06-14 2026-06-14/a", "orders 2026-06-14 2026-06-14/b"}, []string{"orders 2026-06-15 2026-06-15/a: no done marker"}}},
		{name: "marker per month", files: []graph.File{{Name: "orders", Pattern: day}}, ready: graph.Ready{DoneMarker: "{yyyy}{MM}.ok"},
			there: objects(oldTime, "2026-06-14", "2026-06-15", "202606.ok"), want: short{true, []string{"orders 2026-06-14 2026-06-14", "orders 2026-06-15 2026-06-15"}, nil}},
		{name: "one marker for all", files: []graph.File{{Name: "orders", Pattern: day}}, ready: graph.Ready{DoneMarker: "ok"},
			there: objects(oldTime, "2026-06-14", "2026-06-15", "ok"), want: short{true, []string{"orders 2026-06-14 2026-06-14", "orders 2026-06-15 2026-06-15"}, nil}},
		{name: "a marker does not make a file stable", files: []graph.File{{Name: "orders", Pattern: day, Require: graph.RequireAny}}, ready: graph.Ready{DoneMarker: "{file}.done", StableFor: stable.StableFor},
			there: objects("2026-06-15T13:00Z", "2026-06-14", "2026-06-14.done"), want: short{false, nil, []string{"orders 2026-06-14 2026-06-14: still changing", "orders 2026-06-15 2026-06-15: absent"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := want(t, calendar(t, nil), drop(test.files...), twoDays)
			if test.edit != nil {
				test.edit(&w)
			}
			v := w.Judge(window.Look{At: at("2026-06-15T13:00:10Z"), Objects: test.there}, nil, test.ready, test.h)
			if diff := cmp.Diff(test.want, shorten(v)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A courier with no expected file in its range is ready at its first look.
func TestJudgeNothingExpected(t *testing.T) {
	t.Parallel()
	c := calendar(t, nil)
	courier := drop(graph.File{Name: "w", Pattern: "{yyyy}{MM}{dd}", Days: []string{"mon"}}, graph.File{Name: "m", Pattern: "{yyyy}{MM}", Optional: true})
	w := want(t, c, courier, between("2026-06-13T13:00Z", "2026-06-14T13:00Z"))
	if diff := cmp.Diff(short{Ready: true}, shorten(w.Judge(window.Look{At: at("2026-06-14T13:00Z")}, nil, graph.Ready{}, window.History{}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestJudgeStability(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "day", Pattern: "{yyyy}{MM}{dd}"}), between("2026-06-14T13:00Z", "2026-06-15T13:00Z"))
	type look struct {
		at       string
		size     int64
		modified string // "" for a source that does not say
		ready    bool
		again    string
	}
	for _, test := range []struct {
		name   string
		stable time.Duration
		looks  []look
	}{
		{"old by the server's clock", 30 * time.Second, []look{{"2026-06-15T13:00:30Z", 1, "2026-06-15T13:00:00Z", true, ""}}},
		{"younger by a second", 30 * time.Second, []look{
			{"2026-06-15T13:00:29Z", 1, "2026-06-15T13:00:00Z", false, "2026-06-15T13:00:30Z"},
			{"2026-06-15T13:00:30Z", 1, "2026-06-15T13:00:00Z", true, ""}}},
		{"two equal looks, modified in the future", 30 * time.Second, []look{
			{"2026-06-15T13:00:00Z", 1, "2026-06-15T14:00:00Z", false, "2026-06-15T13:00:30Z"},
			{"2026-06-15T13:00:20Z", 1, "2026-06-15T14:00:00Z", false, "2026-06-15T13:00:30Z"},
			{"2026-06-15T13:00:30Z", 1, "2026-06-15T14:00:00Z", true, ""}}},
		{"no modification time", 30 * time.Second, []look{
			{"2026-06-15T13:00:00Z", 1, "", false, "2026-06-15T13:00:30Z"},
			{"2026-06-15T13:00:30Z", 1, "", true, ""},
			{"2026-06-15T13:00:40Z", 1, "", true, ""}}},
		{"growing", 30 * time.Second, []look{
			{"2026-06-15T13:00:00Z", 1, "", false, "2026-06-15T13:00:30Z"},
			{"2026-06-15T13:00:20Z", 2, "", false, "2026-06-15T13:00:50Z"},
			{"2026-06-15T13:00:30Z", 2, "", false, "2026-06-15T13:00:50Z"},
			{"2026-06-15T13:00:50Z", 2, "", true, ""}}},
		{"gone in between", 30 * time.Second, []look{
			{"2026-06-15T13:00:00Z", 1, "", false, "2026-06-15T13:00:30Z"},
			{"2026-06-15T13:00:20Z", 0, "", false, ""},
			{"2026-06-15T13:00:30Z", 1, "", false, "2026-06-15T13:01:00Z"}}},
		{"zero", 0, []look{{"2026-06-15T13:00:00Z", 1, "2026-06-15T14:00:00Z", true, ""}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var before map[string]window.Sighting
			for i, l := range test.looks {
				o := window.Object{Path: "20260615", Size: l.size}
				if l.modified != "" {
					o.ModTime = at(l.modified)
				}
				look := window.Look{At: at(l.at), Objects: []window.Object{o}}
				if l.size == 0 {
					look.Objects = nil
				}
				v := w.Judge(look, before, graph.Ready{StableFor: graph.Duration(test.stable)}, window.History{})
				var again time.Time
				if l.again != "" {
					again = at(l.again)
				}
				if v.Ready != l.ready || !v.Again.Equal(again) || !v.At.Equal(look.At) {
					t.Errorf("look %d: ready %v, again %v; want %v, %v", i, v.Ready, v.Again, l.ready, again)
				}
				before = v.Sightings
			}
		})
	}
}

// An absent file is not decided by one more look: it has none after the deadline.
func TestJudgeAgain(t *testing.T) {
	t.Parallel()
	files := []graph.File{{Name: "a", Pattern: "a-{yyyy}{MM}{dd}"}, {Name: "b", Pattern: "b-{yyyy}{MM}{dd}", Optional: true}}
	w := want(t, calendar(t, nil), drop(files...), between("2026-06-14T13:00Z", "2026-06-15T13:00Z"))
	ready := graph.Ready{StableFor: graph.Duration(30 * time.Second)}
	v := w.Judge(window.Look{At: at("2026-06-15T13:00:00Z"), Objects: objects("2026-06-15T12:59:50Z", "b-20260615")}, nil, ready, window.History{})
	if v.Ready || !v.Again.IsZero() {
		t.Errorf("got %+v; an optional file that changes is not waited for", v)
	}
	v = w.Judge(window.Look{At: at("2026-06-15T13:00:00Z"), Objects: objects("2026-06-15T12:59:50Z", "a-20260615", "b-20260615")}, nil, ready, window.History{})
	if want := at("2026-06-15T13:00:20Z"); v.Ready || !v.Again.Equal(want) {
		t.Errorf("got %+v; want another look at %v", v, want)
	}
}

func TestFirstSeen(t *testing.T) {
	t.Parallel()
	w := want(t, calendar(t, nil), drop(graph.File{Name: "new", Pattern: "new-*"}, graph.File{Name: "day", Pattern: "{yyyy}{MM}{dd}"}), twoDays)
	there := append(objects("2026-06-13T12:59Z", "new-b", "new-a", "20260614", "other"), objects("2026-06-13T13:00Z", "new-c")...)
	var got []string
	for _, o := range w.FirstSeen(window.Look{At: at("2026-06-15T13:00Z"), Objects: there}, twoDays.Start) {
		got = append(got, o.Path)
	}
	if diff := cmp.Diff([]string{"new-a", "new-b"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWantAdHoc(t *testing.T) {
	t.Parallel()
	c := calendar(t, nil)
	courier := drop(graph.File{Name: "day", Pattern: "{yyyy}{MM}{dd}"}, graph.File{Name: "new", Pattern: "new-*"})
	for _, test := range []struct {
		ask       window.Ask
		names     []string
		byModTime bool
		all       bool
	}{
		{window.Ask{Date: "2026-06-10"}, []string{"new-*", "20260610"}, true, false},
		{window.Ask{}, []string{"new-*", "20260614"}, true, false},
		{window.Ask{All: true}, []string{"new-*"}, false, true},
	} {
		a, err := c.AdHoc(test.ask, at("2026-06-15T14:00Z"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := c.WantAdHoc(courier, a, graph.Offset{Days: 1})
		if err != nil {
			t.Fatal(err)
		}
		got := []any{w.Names(), w.ByModTime, w.All}
		if diff := cmp.Diff([]any{test.names, test.byModTime, test.all}, got); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", test.ask, diff)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	a := window.Object{Path: "a", Size: 1, ModTime: at("2026-06-15T13:00Z")}
	other := a
	other.ModTime = a.ModTime.In(time.FixedZone("", 3600))
	if a.Version() != other.Version() {
		t.Error("the zone of a modification time is no difference")
	}
	other.Size = 2
	if a.Version() == other.Version() {
		t.Error("the size is a difference")
	}
	a.ETag, other.ETag = `"x"`, `"x"`
	if a.Version() != other.Version() {
		t.Error("equal ETags are equal versions")
	}
}

func TestParseMarker(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"", "{file}.done", "done/{file}", "{yyyy}/{MM}/{dd}/_SUCCESS", "_SUCCESS", "*.ok"} {
		if _, err := window.ParseMarker(ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range []string{"{file}", "../{file}", "/{file}", "{file}/", "{file}.*", "{yyyy}{file}", "{file}{file}", "{dd}", "a/../b", "{file"} {
		if _, err := window.ParseMarker(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
