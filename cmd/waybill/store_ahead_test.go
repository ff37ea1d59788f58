package main

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

func TestAheadText(t *testing.T) {
	t.Parallel()
	if got := aheadText(nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	at := time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)
	got := aheadText([]store.Ahead{{Group: "courier_group.daily", Ticks: 3, First: at, Last: at.AddDate(0, 0, 2)}})
	const want = `
A clock was ahead: these ticks were taken before their time, and are not taken again.
  daily  3 from 2026-11-25 06:00Z to 2026-11-27 06:00Z
When the time of each has come, 'waybill run daily --at 2026-11-25T06:00:00Z' loads its data.
Or restore a backup from before: 'waybill store restore FILE'.
`
	if got != want {
		t.Errorf("got %s", got)
	}
}
