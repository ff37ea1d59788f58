package runtime

import (
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/scene"
)

// Couriers find room at a host, whatever group and courier they are of.
func TestRoomAtAHost(t *testing.T) {
	t.Parallel()
	at := func(url string) *graph.Courier {
		return &graph.Courier{Addr: "courier.x", Filedrop: &graph.Filedrop{URL: graph.Text(url)}}
	}
	p := &scene.Program{Graph: &graph.Graph{MaxPerHost: 2, Groups: []graph.Group{{Addr: "courier_group.a"}, {Addr: "courier_group.b"}}}}
	o := newOccupied()
	o.add(place{p, "courier_group.a", at("sftp://h/in")}, 1)
	o.add(place{p, "courier_group.a", at("sftp://bob@H/out")}, 1)
	o.add(place{p, "courier_group.a", at("in")}, 1)
	before := o.clone()
	o.add(place{p, "courier_group.a", at("sftp://h/in")}, -1)
	for _, test := range []struct {
		name    string
		taken   occupied
		courier *graph.Courier
		want    bool
	}{
		{"taken", before, at("sftp://h/other"), false},
		{"another host", before, at("sftp://other/in"), true},
		{"folders are one host", before, at("/elsewhere"), true},
		{"a program is at none", before, &graph.Courier{Addr: "courier.p", Exec: &graph.Exec{}}, true},
		{"a step is at none", before, nil, true},
		{"given back", o, at("sftp://h/other"), true},
	} {
		if got := test.taken.room(place{p, "courier_group.b", test.courier}); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	o.add(place{p, "courier_group.b", at("in2")}, 1)
	if o.room(place{p, "courier_group.b", at("in3")}) {
		t.Error("a third courier at a folder of this machine")
	}
}
