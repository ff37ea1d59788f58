package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// TestTakenAhead finds the ticks that were taken before their time, and not those
// that are only expected.
func TestTakenAhead(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), ".waybill")
	s := openStore(t, folder)
	adhoc := tick(daily, 4, store.Running)
	adhoc.Key, adhoc.Kind, adhoc.ScheduledAt, adhoc.CreatedAt = "courier_group.daily@x", store.KindAdHoc, time.Time{}, noon.Add(9*time.Hour)
	put(t, s, tick(daily, 0, store.Succeeded), tick(daily, 2, store.Succeeded), tick(daily, 3, store.Failed), tick(daily, 5, store.Scheduled), adhoc)
	for _, test := range []struct {
		now  time.Time
		want []store.Ahead
	}{
		{noon, []store.Ahead{{Group: daily, Ticks: 2, First: noon.Add(2 * time.Hour), Last: noon.Add(3 * time.Hour)}}},
		{noon.Add(3 * time.Hour), nil},
	} {
		got, err := store.TakenAhead(t.Context(), folder, test.now)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, test.want)
	}
}
