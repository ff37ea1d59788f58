package diag_test

import (
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/diag"
)

func TestFolded(t *testing.T) {
	t.Parallel()
	at := &diag.Range{Filename: "main.hcl"}
	var list diag.List
	add := func(address, detail string) {
		d := diag.BadValue.New(at, "Wrong value", "%s", detail)
		d.Address = address
		list = append(list, d)
	}
	add(`courier.feed["acme"]`, `courier.feed["acme"] pulls from drop/acme.`)
	add(`courier.feed["globex"]`, `courier.feed["globex"] pulls from drop/globex.`)
	add(`courier.feed["initech"]`, `Zone Mars is unknown.`)
	add(`courier.feed["umbrella"]`, `Zone Mars is unknown.`)
	add(`courier.feed["wayne"]`, `Zone Mars is unknown.`)
	add(`courier.other["acme"]`, `Zone Mars is unknown.`)
	add(`courier.alone`, `Zone Mars is unknown.`)
	var got []string
	for _, d := range list.Folded() {
		got = append(got, d.Address+": "+d.Detail)
	}
	want := []string{
		`courier.feed["acme"]: courier.feed["acme"] pulls from drop/acme. And 1 more instance has this.`,
		`courier.feed["initech"]: Zone Mars is unknown. And 2 more instances have this.`,
		`courier.other["acme"]: Zone Mars is unknown.`,
		`courier.alone: Zone Mars is unknown.`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("folded to\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
